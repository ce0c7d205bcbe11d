import type { Oauth2Settings } from '#appsettings/oauth2-settings.ts';
import type { SignedInPerson } from '#core/sessions/session.ts';

/** What can be told of a person (OpenID Connect Core 5.1). */
const CLAIMS = {
  sub: (p) => p.id,
  preferred_username: (p) => p.logonName,
  name: (p) => [p.firstName, p.lastName].filter(Boolean).join(' '),
  given_name: (p) => p.firstName,
  family_name: (p) => p.lastName,
  email: (p) => p.email,
} as const satisfies Record<string, (p: SignedInPerson) => string | null>;

/** What the standard's own scopes stand for where the configuration does not say (OpenID Connect Core 5.4). */
const STANDARD: Readonly<Record<string, readonly string[]>> = {
  openid: ['sub'],
  profile: ['name', 'family_name', 'given_name', 'preferred_username'],
  email: ['email'],
};

export function claimsByScope({ identityResources }: Oauth2Settings): Record<string, string[]> {
  const entries = Array.from(identityResources.values(), ({ name, userClaims }) => {
    const wanted = userClaims.length > 0 ? userClaims : (STANDARD[name] ?? []);
    return [name, wanted.filter((claim) => Object.hasOwn(CLAIMS, claim))] as const;
  });
  return Object.fromEntries(entries);
}

/** Everything that can be told; what is not known is left out. */
export function claimsOf(person: SignedInPerson): { sub: string; [claim: string]: string } {
  const told = Object.entries(CLAIMS).flatMap(([claim, of]) => {
    const value = of(person);
    return value ? [[claim, value] as const] : [];
  });
  return { ...Object.fromEntries(told), sub: person.id };
}
