/** The table of the authentication API: builds one router from the rows of every method. */
import Router from '@koa/router';
import type Koa from 'koa';
import type { Caller } from '../base/caller.ts';
import { readJsonBody } from '../http/json-body.ts';
import { assertMayCall } from '../http/permission.ts';
import type { OpenRow, Row } from '../http/route.ts';

export type AuthRow = Row | OpenRow;

export interface AuthParts {
  /** @throws 401 without a good token. */
  authenticate(ctx: Koa.Context): Promise<Caller>;
  readonly rows: readonly AuthRow[];
}

/** One middleware that serves the rows; a known path with another method is answered 405. */
export function createAuthRouter({ authenticate, rows }: AuthParts): Koa.Middleware {
  const router = new Router();
  for (const row of rows)
    router[row.method](row.path, async (context) => {
      const ctx = context as unknown as Koa.Context;
      if (ctx.method === 'HEAD' && row.tokens === 'none') {
        // Mail scanners look at links with HEAD; that must neither use one up nor verify anything.
        ctx.status = 204;
        return;
      }
      const answer = await answerOf(row, authenticate, ctx);
      ctx.set('cache-control', 'no-store');
      ctx.status = row.status;
      // Without one koa would write the status in words; a 204 has no content anyway.
      if (answer !== undefined || row.status !== 204) ctx.body = answer ?? '';
    });
  const routes = router.routes() as unknown as Koa.Middleware;
  const methods = router.allowedMethods() as unknown as Koa.Middleware;
  return (ctx, next) => routes(ctx, () => methods(ctx, next));
}

async function answerOf(
  row: AuthRow,
  authenticate: AuthParts['authenticate'],
  ctx: Koa.Context,
): Promise<unknown> {
  if (row.tokens === 'none') return faithfully(row, ctx, () => row.handle(ctx));
  const caller = await authenticate(ctx);
  assertMayCall(row, caller, {});
  return faithfully(row, ctx, () => row.handle(ctx, caller));
}

/** Reads the body and runs the handler; an error gets the form that the operation has (contract C2). */
async function faithfully(row: AuthRow, ctx: Koa.Context, handle: () => Promise<unknown>): Promise<unknown> {
  try {
    await (row.readBody ?? readJsonBody)(ctx);
    return await handle();
  } catch (error) {
    throw row.toFault?.(error) ?? error;
  }
}
