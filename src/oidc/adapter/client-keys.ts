/** Shows the engine a client's public keys: those it authenticates with and the one its ID tokens are encrypted to. */
import type { Jwk, OidcClient } from '../../clients/client.ts';
import { authenticationMethod } from '../../clients/client.ts';
import { CONTENT_ENCRYPTION, type EncryptionKey, encryptionKeyOf } from '../../clients/encryption-key.ts';
import { certificateKey } from './certificate-metadata.ts';

/** RFC 7591 metadata. The engine knows one key set per client; `use` keeps the two purposes apart. */
export function keyMetadata(client: OidcClient): Record<string, unknown> {
  const { authentication_configuration: auth, id_token_encryption: encryption } = client.settings;
  const registered = auth.jwks?.keys ?? [];
  const method = authenticationMethod(client);
  const signing = method === 'private_key_jwt' ? registered : [];
  const certified = method === 'self_signed_tls_client_auth' ? registered.flatMap(certificateKey) : [];
  const encrypting = encryption.enabled ? encryptionKeyOf(encryption.jwks) : undefined;
  const keys = [
    ...[...signing, ...certified].map((key): Jwk => ({ ...key, use: key.use ?? 'sig' })),
    ...(encrypting ? [encryptingKey(encrypting)] : []),
  ];
  return {
    ...(keys.length > 0 && { jwks: { keys } }),
    ...(encrypting && {
      id_token_encrypted_response_alg: encrypting.alg,
      id_token_encrypted_response_enc: CONTENT_ENCRYPTION,
    }),
  };
}

/** `key_ops` was looked at when the key was chosen; the engine does not know wrapKey. */
function encryptingKey({ key: { key_ops: _, ...key }, alg }: EncryptionKey): Jwk {
  return { ...key, alg, use: 'enc' };
}
