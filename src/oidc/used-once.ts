/** Sees to it that a client assertion or a DPoP proof is good once, over all nodes (RFC 7523 3, RFC 9449 11.1). */
import { decodeJwt } from 'jose';
import Provider, { errors } from 'oidc-provider';
import type { TenantId } from '../base/ids.ts';
import { hashSecret } from '../base/secrets.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';

/** True the first time this client uses this jti; `exp` in epoch seconds. */
export type UsedOnce = (clientId: string, jti: string, exp: number) => Promise<boolean>;

/** One insert-if-absent: of any number of concurrent uses one is the first (pitfall 1). */
export const usedOnce =
  (parts: { ephemeral: EphemeralStore; tenantId: TenantId }): UsedOnce =>
  (clientId, jti, exp) =>
    parts.ephemeral.putIfAbsent(
      { tenantId: parts.tenantId, kind: 'ReplayDetection', key: hashSecret(`${clientId} ${jti}`) },
      {},
      // Times in a JWT may have fractions; a store counts whole seconds.
      { ttlSeconds: Math.max(1, Math.ceil(exp - Date.now() / 1000)) },
    );

/** The engine finds and then saves, and names the wrong error for a replayed proof. */
export function detectReplays(provider: Provider, isFirst: UsedOnce): void {
  provider.ReplayDetection.unique = async (clientId, jti, exp) => {
    if (await isFirst(clientId, jti, exp)) return true;
    // RFC 9449 section 5: at every endpoint a proof that is no good is invalid_dpop_proof.
    if (isProof(jti))
      throw new errors.InvalidDpopProof(
        'DPoP proof used before: sign a new one, with a new jti, per request',
      );
    return false;
  };
}

function isProof(jti: string): boolean {
  const proof = Provider.ctx?.get('DPoP');
  try {
    return Boolean(proof) && decodeJwt(proof ?? '').jti === jti;
  } catch {
    return false;
  }
}
