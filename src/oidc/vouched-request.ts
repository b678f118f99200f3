/** Token requests that a face of ours makes of the engine, for a client that the face has authenticated itself. */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type Koa from 'koa';
import type { AdapterPayload } from 'oidc-provider';
import type { ClientId } from '../base/ids.ts';
import { requestState } from './request-state.ts';

/** By the request that stands for the call: nothing that comes in from outside can be in here. */
const vouchedFor = new WeakMap<IncomingMessage, ClientId>();

export interface EngineAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Asks the token endpoint in-process. The answer is the endpoint's own, an OAuth error included (RFC 6749 5). */
export async function askTokenEndpoint(
  engine: Koa.Middleware,
  ctx: Koa.Context,
  { clientId, form }: { readonly clientId: ClientId; readonly form: Readonly<Record<string, string>> },
): Promise<EngineAnswer> {
  const request = requestInstead(ctx.req, { ...form, client_id: clientId });
  vouchedFor.set(request, clientId);
  const inner = ctx.app.createContext(request, new ServerResponse(request));
  await engine(inner as Koa.Context, async () => {});
  return { status: inner.status, body: (inner.body ?? {}) as Record<string, unknown> };
}

/** The same connection, with its certificate and DPoP proof, but another target and body. */
function requestInstead(outer: IncomingMessage, body: Readonly<Record<string, string>>): IncomingMessage {
  const { authorization: _, cookie: __, ...headers } = outer.headers;
  const own = {
    method: 'POST',
    url: '/oidc/token',
    originalUrl: '/oidc/token',
    headers: {
      ...headers,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': '1',
    },
    readable: false,
    body,
  };
  return Object.create(
    outer,
    Object.fromEntries(Object.entries(own).map(([name, value]) => [name, { value, writable: true }])),
  ) as IncomingMessage;
}

/** Middleware of the engine: remembers for whom the request stands. */
export const noteVouchedRequest = (ctx: Koa.Context, next: Koa.Next): Promise<unknown> => {
  const clientId = vouchedFor.get(ctx.req);
  if (clientId !== undefined) requestState().vouchedFor = clientId;
  return next();
};

const vouchedMetadata = new WeakMap<AdapterPayload, AdapterPayload>();

/** The metadata of a client whose credentials need not be shown again in this request. */
export function asVouched(metadata: AdapterPayload): AdapterPayload {
  const known = vouchedMetadata.get(metadata);
  if (known) return known;
  const { client_secret: _, ...rest } = metadata as Record<string, unknown>;
  const grant_types = (rest.grant_types as string[]).filter((type) => type !== 'client_credentials');
  const vouched = { ...rest, token_endpoint_auth_method: 'none', grant_types } as unknown as AdapterPayload;
  vouchedMetadata.set(metadata, vouched);
  return vouched;
}
