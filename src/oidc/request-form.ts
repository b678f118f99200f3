/** Reads the form of a request before the engine does, and hands it on changed. */
import type { Context } from 'koa';
import { errors } from 'oidc-provider';

const LIMIT_BYTES = 56 * 1024;

/**
 * Lets `change` look at the form and change it; nothing happens where the request has none that the engine would read.
 * @throws InvalidRequest for a form over the limit
 */
export async function changeForm(
  ctx: Context,
  change: (form: URLSearchParams) => Promise<void> | void,
): Promise<void> {
  if (ctx.method !== 'POST' || !ctx.is('application/x-www-form-urlencoded')) return;
  const form = await readForm(ctx);
  await change(form);
  (ctx.req as typeof ctx.req & { body: unknown }).body = toObject(form);
}

/** Counts what arrives: a chunked body does not say beforehand how long it is. */
async function readForm(ctx: Context): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of ctx.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMIT_BYTES) {
      // What is left of the body is not read; the connection cannot be used again.
      ctx.set('Connection', 'close');
      throw new errors.InvalidRequest('the form is larger than 56 kB');
    }
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
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
