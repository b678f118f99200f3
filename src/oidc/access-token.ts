/** Checks one of our own access tokens in-process and says who is calling; used by the admin and auth faces. */
import type Koa from 'koa';
import type { Caller } from '../base/caller.ts';
import { unauthorized } from '../base/errors.ts';
import type { UserId } from '../base/ids.ts';
import type { StateReader } from './adapter/state-reader.ts';
import { type PermissionParts, withPermissions } from './caller-permissions.ts';
import { tokenStatus } from './token-status.ts';
import type { VerifiedToken } from './verified-token.ts';

interface Parts extends PermissionParts {
  readonly states: StateReader;
  readonly verify: (token: string) => Promise<VerifiedToken | undefined>;
}

/** @throws 401 for no, a malformed, expired, revoked or foreign token (contract C1, C4). */
export function callerFromToken({ states, verify, findClient }: Parts) {
  return async (ctx: Koa.Context): Promise<Caller> => {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(ctx.get('authorization'))?.[1];
    const verified = token === undefined ? undefined : await verify(token);
    if (!verified || !(await tokenStatus(states, verified)).isLive) throw unauthorized();
    return withPermissions({ findClient }, toCaller(verified));
  };
}

function toCaller({ claims, kind }: VerifiedToken): Caller {
  const head = { tenantId: claims.tid, clientId: claims.client_id, appId: claims.app_id };
  if (kind === 'AccessToken')
    return { ...head, kind: 'user', userId: claims.sub as UserId, scopes: new Set(claims.scope?.split(' ')) };
  return { ...head, kind: claims.roles?.includes('Admin') ? 'admin' : 'client' };
}
