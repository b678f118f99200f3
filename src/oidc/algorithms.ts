/** The algorithms each kind of JWT may have (RFC 7518); whatever is not listed is refused. */
import type { Configuration } from 'oidc-provider';
import { CONTENT_ENCRYPTION, ENCRYPTION_ALGORITHMS } from '../clients/encryption-key.ts';
import { PROOF_ALGORITHMS } from './dpop-proof.ts';

const SIGNING = ['RS256', 'PS256', 'ES256', 'EdDSA'];

export const ENABLED_ALGORITHMS = {
  // Ed25519 is what newer libraries write for the same thing (RFC 9864).
  clientAuthSigningAlgValues: [...SIGNING, 'Ed25519'],
  idTokenSigningAlgValues: SIGNING,
  introspectionSigningAlgValues: ['RS256', 'PS256'],
  idTokenEncryptionAlgValues: ENCRYPTION_ALGORITHMS,
  idTokenEncryptionEncValues: [CONTENT_ENCRYPTION],
  dPoPSigningAlgValues: [...PROOF_ALGORITHMS],
} as NonNullable<Configuration['enabledJWA']>;
