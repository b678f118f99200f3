/** Decides who must put a server nonce into DPoP proofs (RFC 9449 section 8), and which nonces there are. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Sealer } from '../../keys/sealer.ts';
import { settingsOf } from './client-settings.ts';

/** Server nonces are offered to everyone and required of FAPI clients, at the token endpoint and at PAR. */
export const requiresNonce = ({ oidc }: KoaContextWithOIDC): boolean =>
  oidc.client !== undefined && settingsOf(oidc.client).isFapi;

/** Derived from the master key, so that all nodes agree on the nonces. */
export const nonceSecret = (sealer: Pick<Sealer, 'derive'>): Buffer =>
  Buffer.from(sealer.derive('dpop-nonces'), 'base64url');
