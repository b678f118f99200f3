/** Health (the process is alive) and readiness (what it depends on answers). */
import type Koa from 'koa';

export interface ReadinessCheck {
  readonly name: string;
  readonly answers: () => Promise<boolean>;
}

const TIMEOUT_MS = 2000;

async function check({ name, answers }: ReadinessCheck): Promise<readonly [string, 'ok' | 'unreachable']> {
  const timeout = new Promise<boolean>((resolve) => setTimeout(resolve, TIMEOUT_MS, false).unref());
  const ok = await Promise.race([answers().catch(() => false), timeout]);
  return [name, ok ? 'ok' : 'unreachable'];
}

/** `GET /healthz` 200; `GET /readyz` 200, or 503 when a dependency does not answer within two seconds. */
export const healthRoutes =
  (checks: readonly ReadinessCheck[]): Koa.Middleware =>
  async (ctx, next) => {
    if (ctx.path !== '/healthz' && ctx.path !== '/readyz') return next();
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') ctx.throw(405);
    ctx.set('Cache-Control', 'no-store');
    if (ctx.path === '/healthz') {
      ctx.body = { health: 'alive' };
      return;
    }
    const results = await Promise.all(checks.map(check));
    const ready = results.every(([, state]) => state === 'ok');
    ctx.status = ready ? 200 : 503;
    ctx.body = { ready, checks: Object.fromEntries(results) };
  };
