/** Remembers in this browser which interactions wait for the Authentication Hub (authentication.md 10). */
import type { Context } from 'koa';

const COOKIE = 'tessera_hub';
/** Tabs that may wait at once; the oldest is forgotten. */
const MOST = 5;
const LIFE_MS = 3_600_000;
const UID = /^[\w-]{20,64}$/;

const write = (ctx: Context, uids: readonly string[]): void => {
  ctx.cookies.set(COOKIE, uids.length > 0 ? uids.join('.') : null, {
    httpOnly: true,
    // Lax, not Strict: the hub, another site, sends the browser back.
    sameSite: 'lax',
    signed: true,
    secure: ctx.secure,
    path: '/',
    maxAge: LIFE_MS,
    overwrite: true,
  });
};

/** The newest comes last. */
const waiting = (ctx: Context): string[] =>
  (ctx.cookies.get(COOKIE, { signed: true }) ?? '').split('.').filter((uid) => UID.test(uid));

export const remember = (ctx: Context, uid: string): void =>
  write(ctx, [...waiting(ctx).filter((one) => one !== uid), uid].slice(-MOST));

export const forget = (ctx: Context, uid: string): void =>
  write(
    ctx,
    waiting(ctx).filter((one) => one !== uid),
  );

/** The interaction that this browser waits for: the named one, else the newest. Undefined where it does not wait for it. */
export const awaited = (ctx: Context, named: unknown): string | undefined =>
  named === undefined ? waiting(ctx).at(-1) : waiting(ctx).find((uid) => uid === named);
