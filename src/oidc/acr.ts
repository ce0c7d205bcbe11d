import { MECHANISMS, type Mechanism } from '#core/roles/mechanisms.ts';

const PREFIX = 'urn:signet:logon:';

/** A mechanism as the authentication context class of tokens (OpenID Connect Core 2, `acr`). */
export const acrOf = (mechanism: Mechanism): string => PREFIX + mechanism.toLowerCase().replaceAll(' ', '-');

const byAcr = new Map(MECHANISMS.map((mechanism) => [acrOf(mechanism), mechanism]));

export const mechanismOf = (acr: string | undefined): Mechanism | undefined => byAcr.get(acr ?? '');
