/** Starts the bare provider and describes it as a target. */
import { randomBytes } from 'node:crypto';
import { freePort, ServerProcess } from './server-process.ts';
import { discover, REDIRECT_URI, type Target } from './target.ts';

/** A running bare oidc-provider; its users need no password. */
export async function startBare(): Promise<Target> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const secret = randomBytes(32).toString('base64url');
  const env = { PORT: String(port), BARE_CLIENT_SECRET: secret, BARE_REDIRECT_URI: REDIRECT_URI };
  const server = await ServerProcess.start(
    'bench/bare-provider.ts',
    env,
    `${issuer}/.well-known/openid-configuration`,
  );
  return {
    name: 'bare',
    endpoints: await discover(issuer),
    client: { id: 'bench-jwt', secret },
    reader: { id: 'bench-opaque', secret },
    person: () => undefined,
    process: server,
  };
}
