/** Signs what the page for a delegated consent learns from its address (contract/oidc.md 16). */
import { importJWK, SignJWT } from 'jose';
import type { TenantId } from '../base/ids.ts';
import type { KeyRing } from './key-ring.ts';

/** A type of its own: no reader of access tokens or ID tokens takes it for one of these. */
const TYPE = 'consent-params+jwt';
const ALGORITHM = 'RS256';

export const consentParamsSigner =
  (parts: { keyRing: KeyRing; tenantId: TenantId; issuer: string }) =>
  async (claims: object, audience: string, seconds: number): Promise<string> => {
    const keys = await parts.keyRing.load(parts.tenantId);
    const key = keys.find(({ alg }) => alg === ALGORITHM);
    if (key?.kid === undefined) throw new Error(`the tenant has no ${ALGORITHM} key`);
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: TYPE })
      .setIssuer(parts.issuer)
      .setAudience(audience)
      .setIssuedAt(now)
      .setExpirationTime(now + seconds)
      .sign(await importJWK(key, ALGORITHM));
  };
