/** A client that is configured in line with FAPI 2.0, with openid-client as its library. */
import { exportJWK, generateKeyPair } from 'jose';
import * as oidc from 'openid-client';
import { addClient } from './raw-requests.ts';
import { RelyingParty } from './relying-party.ts';
import { REDIRECT_URI } from './scene.ts';
import type { App } from './start-app.ts';

/** Fields of a client body, and the private key to its public one. */
export async function fapiFields(alg = 'PS256') {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'client-key', alg, use: 'sig' };
  const fields = {
    fapi_version_compliancy: true,
    pkce: 'enforcePkceAlongsideClientCredentials',
    authentication_configuration: { method: 'private_key_jwt', jwks: { keys: [jwk] } },
  };
  return { fields, privateKey };
}

/** Registers the client and returns its library with a key for DPoP. */
export async function fapiClient(app: App, appId: string, extra: Record<string, unknown> = {}) {
  const { fields, privateKey } = await fapiFields();
  const { clientId } = await addClient(app, appId, { ...fields, ...extra });
  const rp = await RelyingParty.discover(app, {
    clientId,
    redirectUri: REDIRECT_URI,
    authentication: oidc.PrivateKeyJwt({ key: privateKey, kid: 'client-key' }),
    metadata: { id_token_signed_response_alg: 'PS256' },
  });
  const DPoP = oidc.getDPoPHandle(rp.config, await oidc.randomDPoPKeyPair('ES256'));
  return { clientId, privateKey, rp, DPoP };
}
