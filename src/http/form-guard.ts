/** Makes sure that a form was filled in on our own page: origin check and double submit. Reads the form, too. */
import type { Context } from 'koa';
import { invalid, tooLarge } from '../base/errors.ts';
import { hashSecret, newSecret, sameHash } from '../base/secrets.ts';
import { type Html, html } from './html.ts';

const COOKIE = 'tessera_form';
const FIELD = 'csrf';
const SECRET = /^[\w-]{43}$/;
const LIMIT_BYTES = 16 * 1024;

/** Fields of a posted form; every name at most once. */
export type FormFields = ReadonlyMap<string, string>;

/** The path as the browser sees it, prefix of a mount included. */
const pagePath = (ctx: Context): string => ctx.originalUrl.split('?', 1)[0] ?? '/';

/** Sets the cookie if the browser has none for this page, and returns the hidden field that goes with it. */
export function guardField(ctx: Context): Html {
  const known = ctx.cookies.get(COOKIE, { signed: false });
  const secret = known !== undefined && SECRET.test(known) ? known : newSecret();
  ctx.cookies.set(COOKIE, secret, {
    httpOnly: true,
    // Lax, not Strict: the browser arrives here in a redirect chain that another site began.
    sameSite: 'lax',
    path: pagePath(ctx),
    secure: ctx.secure,
    signed: false,
    overwrite: true,
  });
  return html`<input type="hidden" name="${FIELD}" value="${hashSecret(secret)}">`;
}

/** False where another site sent the request. Only a browser sends these headers, and a page cannot forge them. */
export function isOwnOrigin(ctx: Context): boolean {
  const site = ctx.get('Sec-Fetch-Site');
  if (site !== '') return site === 'same-origin' || site === 'none';
  const origin = ctx.get('Origin');
  if (origin === '') return true;
  return URL.canParse(origin) && new URL(origin).host === ctx.host;
}

/** True where the form comes from our page in the same browser. */
export function isGuarded(ctx: Context, fields: FormFields): boolean {
  const secret = ctx.cookies.get(COOKIE, { signed: false });
  const proof = fields.get(FIELD);
  if (secret === undefined || proof === undefined || !SECRET.test(secret)) return false;
  return isOwnOrigin(ctx) && sameHash(hashSecret(secret), proof);
}

/** Reads a urlencoded form. @throws 400 for another type or a repeated field, 413 over the limit. */
export async function readForm(ctx: Context, limitBytes = LIMIT_BYTES): Promise<FormFields> {
  if (ctx.is('application/x-www-form-urlencoded') === false)
    throw invalid('The body must be of type application/x-www-form-urlencoded');
  const chunks: Buffer[] = [];
  let size = 0;
  // The request must outlive the refusal, or the answer could not be sent.
  for await (const chunk of ctx.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) {
      // What is left of the body is not read; the connection cannot be used again.
      ctx.set('Connection', 'close');
      throw tooLarge(`The form is larger than ${limitBytes / 1024} kB`);
    }
    chunks.push(chunk);
  }
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(Buffer.concat(chunks).toString('utf8'))) {
    if (fields.has(name)) throw invalid('The form has the same field twice');
    fields.set(name, value);
  }
  return fields;
}
