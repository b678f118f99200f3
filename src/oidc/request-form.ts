/** Reads the form of a request before the engine does, and hands it on changed. */
import { text } from 'node:stream/consumers';
import type { Context } from 'koa';

const LIMIT_BYTES = 56 * 1024;

/** Lets `change` look at the form and change it; nothing happens where the request has none that the engine would read. */
export async function changeForm(
  ctx: Context,
  change: (form: URLSearchParams) => Promise<void> | void,
): Promise<void> {
  if (ctx.method !== 'POST' || !ctx.is('application/x-www-form-urlencoded')) return;
  // The engine refuses a body of this size; it is left for it to read.
  if ((ctx.request.length ?? 0) > LIMIT_BYTES) return;
  const form = new URLSearchParams(await text(ctx.req));
  await change(form);
  (ctx.req as typeof ctx.req & { body: unknown }).body = toObject(form);
}

/** As node:querystring reads it: a name that comes more than once has a list. */
function toObject(form: URLSearchParams): Record<string, string | string[]> {
  const names = [...new Set(form.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const [first = '', ...more] = form.getAll(name);
      return [name, more.length > 0 ? [first, ...more] : first];
    }),
  );
}
