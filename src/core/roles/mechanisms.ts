/** Ways to sign in. A role counts only for those whose mechanism was used; a setting of the same name switches each. */
export const MECHANISMS = [
  'Password Logon',
  'Security Questions Logon',
  'Smart Card',
  'Windows Hello',
  'Authentication Code Logon',
  'One Time Password Logon',
  'FIDO Basic Assurance Logon',
  'FIDO High Assurance Logon',
  'Integrated Windows Logon',
  'OpenID Provider Logon',
  'Client Credentials OAuth2 Logon',
] as const;

export type Mechanism = (typeof MECHANISMS)[number];

const byFoldedName = new Map(MECHANISMS.map((name) => [name.toLowerCase(), name]));

/** A mechanism by its name in any letter case; `Client Credentials OAuth2` may stand without its `Logon`. */
export function mechanismNamed(name: string): Mechanism | undefined {
  const folded = name.trim().toLowerCase();
  return byFoldedName.get(folded) ?? byFoldedName.get(`${folded} logon`);
}
