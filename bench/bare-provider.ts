/** The yardstick: oidc-provider alone, with its in-memory adapter, static clients and an interaction that signs everybody in. */
import { generateKeyPairSync } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { Provider } from 'oidc-provider';

const port = Number(process.env.PORT);
const secret = process.env.BARE_CLIENT_SECRET ?? '';
const redirectUri = process.env.BARE_REDIRECT_URI ?? '';
const issuer = `http://127.0.0.1:${port}`;
const RESOURCE = 'https://api.bench.example';
const OPAQUE_CLIENT = 'bench-opaque';

const signingKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

const client = (clientId: string) => ({
  client_id: clientId,
  client_secret: secret,
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  response_types: ['code' as const],
});

const provider = new Provider(issuer, {
  clients: [client('bench-jwt'), client(OPAQUE_CLIENT)],
  jwks: { keys: [{ ...signingKey, kid: 'bench', use: 'sig', alg: 'RS256' }] },
  cookies: { keys: ['bench-cookie-key'] },
  scopes: ['openid', 'offline_access'],
  pkce: { required: () => false },
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  // Tessera rotates on every use; the library's default for confidential clients would rotate near the end only.
  rotateRefreshToken: true,
  ttl: {
    AccessToken: 3600,
    ClientCredentials: 3600,
    RefreshToken: 1_209_600,
    Session: 1_209_600,
    Grant: 1_209_600,
    IdToken: 3600,
    Interaction: 3600,
  },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      // One client gets JWTs for a resource, the other opaque tokens for introspection and UserInfo.
      defaultResource: (_ctx, asking) => (asking.clientId === OPAQUE_CLIENT ? [] : RESOURCE),
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: '',
        audience: RESOURCE,
        accessTokenTTL: 3600,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
});

async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login')
    return provider.interactionFinished(request, response, { login: { accountId: 'bench-user' } });
  const grant =
    (grantId ? await provider.Grant.find(grantId) : undefined) ??
    new provider.Grant({
      accountId: session?.accountId ?? 'bench-user',
      clientId: String(params.client_id),
    });
  grant.addOIDCScope('openid offline_access');
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

const handle = provider.callback();
http
  .createServer((request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void handle(request, response);
    interact(request, response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  })
  .listen(port, '127.0.0.1');

process.on('SIGTERM', () => process.exit(0));
