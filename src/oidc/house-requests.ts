/** Decides in which requests to the engine the internal clients exist: in those that a handoff of ours began, and in no other. */
import type { Context, Middleware } from 'koa';
import { errors } from 'oidc-provider';
import type { TenantId } from '../base/ids.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import { requestState } from './request-state.ts';
import { HANDOFF_PARAMETER, handoffAt } from './sessions/login-handoff.ts';

interface Parts {
  readonly ephemeral: Pick<EphemeralStore, 'get' | 'consume'>;
  readonly tenantId: TenantId;
}

/** Neither takes a client from the request: a sign-in is continued by its cookie, a session ends with all its clients. */
const CONTINUED = /^\/(?:auth\/[^/]+|session\/end\/confirm)$/;

/** Replaces the query by what the handoff says; nothing beside it counts. @throws SessionNotFound for one that is no good */
export function acceptHandoffs(parts: Parts): Middleware {
  return async (ctx, next) => {
    const query = await handedOver(parts, ctx);
    if (query !== undefined) ctx.querystring = query;
    requestState().houseIsOpen = query !== undefined || CONTINUED.test(ctx.path);
    return next();
  };
}

async function handedOver({ ephemeral, tenantId }: Parts, ctx: Context): Promise<string | undefined> {
  const secret = ctx.path === '/auth' && ctx.method === 'GET' ? ctx.query[HANDOFF_PARAMETER] : undefined;
  if (secret === undefined) return undefined;
  const at = handoffAt(tenantId, typeof secret === 'string' ? secret : '');
  const item = await ephemeral.get(at);
  if (!item || !(await ephemeral.consume(at)))
    throw new errors.SessionNotFound('the handoff is unknown, used or expired');
  return String(item.value.query);
}
