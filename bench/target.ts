/** What the scenarios know about a server under load: its endpoints, one client per purpose, its users. */
import { ask, expectStatus } from './http-client.ts';
import type { ServerProcess } from './server-process.ts';

export interface ClientCredentials {
  readonly id: string;
  readonly secret: string;
}

export interface Person {
  readonly identifier: string;
  readonly password: string;
}

export interface Endpoints {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly introspection_endpoint: string;
  readonly userinfo_endpoint: string;
}

export interface Target {
  readonly name: string;
  readonly endpoints: Endpoints;
  /** Gets JWT access tokens: client_credentials, code flow, refresh. */
  readonly client: ClientCredentials;
  /** Gets the tokens that are introspected and shown to UserInfo (the bare library can do that with opaque ones only). */
  readonly reader: ClientCredentials;
  /** Who signs in for a worker; undefined where the server signs everybody in by itself. */
  readonly person: (worker: number) => Person | undefined;
  readonly process: ServerProcess;
}

export const REDIRECT_URI = 'https://rp.bench.example/callback';

/** Both values are URL-safe, but RFC 6749 2.3.1 wants them form-encoded all the same. */
export const basic = ({ id, secret }: ClientCredentials): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
});

/** Reads the endpoints from a server's discovery document. */
export async function discover(issuer: string): Promise<Endpoints> {
  const answer = await ask(`${issuer}/.well-known/openid-configuration`);
  return JSON.parse(expectStatus(answer, 200, 'Discovery').body) as Endpoints;
}
