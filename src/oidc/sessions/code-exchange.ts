/** The door of the older code exchange: a code for tokens, with the client's secret and without a redirect URI (oidc.md 5.1). */
import type Koa from 'koa';
import type Provider from 'oidc-provider';
import { type AppError, invalid } from '../../base/errors.ts';
import type { ClientId } from '../../base/ids.ts';
import { memoryOf } from '../grant-memory.ts';
import { askTokenEndpoint, type EngineAnswer } from '../vouched-request.ts';
import { refusalOf } from './token-refusal.ts';

export interface CodeToExchange {
  readonly clientId: ClientId;
  readonly clientSecret: string;
  readonly code: string;
}

export interface ExchangedCode {
  /** RFC 6749 5.1. */
  readonly tokens: EngineAnswer['body'];
  /** The user was made by this very sign-in. */
  readonly isUserCreated: boolean;
}

/** @throws 400 for a wrong secret, a client that does not authenticate by one, and what the engine refuses */
export type CodeExchange = (ctx: Koa.Context, request: CodeToExchange) => Promise<ExchangedCode>;

interface Parts {
  readonly provider: () => Provider;
  readonly engine: Koa.Middleware;
}

const badCredentials = (): AppError => invalid('The client or its secret is not right');
const badCode = (): AppError => invalid('The code is unknown, used or expired');

export const codeExchange =
  ({ provider, engine }: Parts): CodeExchange =>
  async (ctx, { clientId, clientSecret, code }) => {
    const { Client, AuthorizationCode, Grant } = provider();
    const client = await Client.find(clientId);
    // What comes next vouches for the client, so everything that it has to prove is proved here.
    const isSecretClient = client?.tokenEndpointAuthMethod?.startsWith('client_secret_') ?? false;
    if (!client || !isSecretClient || !(await client.compareClientSecret(clientSecret)))
      throw badCredentials();
    const found = await AuthorizationCode.find(code);
    if (found?.redirectUri === undefined || found.clientId !== clientId) throw badCode();
    const grant = found.grantId === undefined ? undefined : await Grant.find(found.grantId);
    const answer = await askTokenEndpoint(engine, ctx, {
      clientId,
      form: { grant_type: 'authorization_code', code, redirect_uri: found.redirectUri },
    });
    if (answer.status !== 200) throw refusalOf(answer);
    return { tokens: answer.body, isUserCreated: memoryOf(grant).isNewUser ?? false };
  };
