/** Knows a browser again that goes away to another site in the middle of a sign-in, by a cookie of its own. */
import type { Context } from 'koa';
import { hashSecret, newSecret, sameHash } from '../base/secrets.ts';

export interface BrowserCookie {
  readonly name: string;
  /** As browsers see it: only pages below get it. */
  readonly path: string;
  readonly seconds: number;
}

const SECRET = /^[\w-]{43}$/;

const read = (ctx: Context, { name }: BrowserCookie): string | undefined =>
  ctx.cookies.get(name, { signed: false });

/** @returns the hash by which it is known again; several sign-ins of one browser have the same. */
export function rememberBrowser(ctx: Context, cookie: BrowserCookie): string {
  const known = read(ctx, cookie);
  const secret = known !== undefined && SECRET.test(known) ? known : newSecret();
  ctx.cookies.set(cookie.name, secret, {
    httpOnly: true,
    // Lax, not Strict: the browser comes back in a redirect chain that the other site began.
    sameSite: 'lax',
    path: cookie.path,
    maxAge: cookie.seconds * 1000,
    secure: ctx.secure,
    signed: false,
    overwrite: true,
  });
  return hashSecret(secret);
}

export function isSameBrowser(ctx: Context, cookie: BrowserCookie, remembered: string): boolean {
  const secret = read(ctx, cookie);
  return secret !== undefined && sameHash(remembered, hashSecret(secret));
}
