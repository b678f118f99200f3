/** Says `slow_down` to who polls the token endpoint too often (RFC 8628 3.5, CIBA Core 11), and how often is not too often. */
import type { Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { TenantId } from '../base/ids.ts';
import { hashSecret } from '../base/secrets.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';

/** Seconds, as announced. */
const INTERVAL = 5;
/** A device that keeps to the interval exactly must not be refused because one request was slower than the next. */
const SHORTEST = INTERVAL - 1;

export function pollingPace(parts: {
  readonly ephemeral: Pick<EphemeralStore, 'putIfAbsent'>;
  readonly tenantId: TenantId;
}): Middleware {
  return async (ctx, next) => {
    await next();
    const body = ctx.body as Record<string, unknown> | undefined;
    if (ctx.path === '/device/auth' && ctx.status === 200) ctx.body = { ...body, interval: INTERVAL };
    if (ctx.path !== '/token' || body?.error !== 'authorization_pending') return;
    const { params } = (ctx as unknown as KoaContextWithOIDC).oidc;
    const key = hashSecret(String(params?.device_code ?? params?.auth_req_id));
    const at = { tenantId: parts.tenantId, kind: 'Poll', key };
    if (!(await parts.ephemeral.putIfAbsent(at, {}, { ttlSeconds: SHORTEST })))
      ctx.body = {
        error: 'slow_down',
        error_description: `ask again after ${INTERVAL} seconds, and wait ${INTERVAL} seconds longer between two requests from now on`,
      };
  };
}
