/** The row of the older code exchange (contract/oidc.md 5.1). */
import type Koa from 'koa';
import { AppError, invalid } from '../base/errors.ts';
import { bodyOf, type OpenRow } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { CodeExchange } from '../oidc/sessions/code-exchange.ts';
import type { callingClient } from './calling-client.ts';
import { exchangeCode, exchangedCode } from './code-exchange-schema.ts';

export interface CodeExchangeParts {
  readonly clientOf: ReturnType<typeof callingClient>;
  readonly exchangeCode: CodeExchange;
}

export const codeExchangeRoutes = (parts: CodeExchangeParts): OpenRow[] => [
  {
    method: 'post',
    path: '/v1/token',
    tokens: 'none',
    permissions: [],
    status: 200,
    operation: {
      id: 'tokenExchange',
      summary: 'Exchange an authorization code for tokens',
      tag: 'Authentication',
      body: exchangeCode,
      answer: exchangedCode,
    },
    toFault: toBadRequest,
    handle: (ctx) => exchange(parts, ctx),
  },
];

async function exchange(parts: CodeExchangeParts, ctx: Koa.Context): Promise<unknown> {
  const body = validate(exchangeCode, bodyOf(ctx));
  const { client } = await parts.clientOf(body.client_id);
  const { tokens, isUserCreated } = await parts.exchangeCode(ctx, {
    clientId: client.clientId,
    clientSecret: body.client_secret,
    code: body.code,
  });
  const { id_token, access_token, refresh_token } = tokens;
  return {
    ...{ id_token, access_token },
    ...(refresh_token !== undefined && { refresh_token }),
    is_user_created: isUserCreated,
  };
}

/** This operation knows one refusal. */
function toBadRequest(error: unknown): unknown {
  const isOther = error instanceof AppError && [401, 403, 404].includes(error.status);
  return isOther ? invalid(error.message) : error;
}
