/** Serves the engine's endpoints under their very paths only: its router folds case and forgives a slash, our guards do not. */
import type { Middleware } from 'koa';

/** The id of an interaction is the only part of a path that may have capitals. */
const CONTINUED = /^\/(?:auth|device)\/[^/]+$/;

/** Before everything that looks at `ctx.path`: `/device/` would be the page for user codes without its limit of guesses. */
export const exactPaths: Middleware = (ctx, next) => (isExact(ctx.path) ? next() : undefined);

function isExact(path: string): boolean {
  const lower = path.toLowerCase();
  if (path.endsWith('/')) return false;
  return path === lower || (CONTINUED.test(path) && lower !== '/device/auth');
}
