/** Lets so many costly requests be under way and no more: the next one is told to come back before anything is done for it. */
import type Koa from 'koa';
import { busy } from '../base/errors.ts';
import { errorBody } from './error-responder.ts';

/** Who has not sent the body by then takes no place any more: slow senders keep nobody out. */
const BODY_MS = 2000;
export const RETRY_AFTER_SECONDS = 1;
/** Made once: a flood pays neither for a stack nor for a text of its own. */
const REFUSAL = JSON.stringify(
  errorBody(busy('Too many sign-ins at the moment, please try again', RETRY_AFTER_SECONDS)),
);

export interface Crowd {
  /** That may be under way in this process. */
  readonly most: number;
  readonly isCostly: (method: string, path: string) => boolean;
  /** Answers 503 with `Retry-After`. */
  readonly refuse: (ctx: Koa.Context) => void;
}

/** Middleware in front of everything that reads a body, a token or a row. */
export function crowdGate({ most, isCostly, refuse }: Crowd): Koa.Middleware {
  let inside = 0;
  const enter = ({ req }: Koa.Context): (() => void) => {
    let isIn = true;
    inside++;
    const leave = (): void => {
      if (isIn) inside--;
      isIn = false;
    };
    const timer = setTimeout(() => req.complete || leave(), BODY_MS);
    return () => {
      clearTimeout(timer);
      leave();
    };
  };
  return async (ctx, next) => {
    if (!isCostly(ctx.method, ctx.path)) return next();
    if (inside >= most) return refuse(ctx);
    const leave = enter(ctx);
    try {
      return await next();
    } finally {
      leave();
    }
  };
}

/** For callers of the API. */
export function refuseCall(ctx: Koa.Context): void {
  ctx.status = 503;
  ctx.set({ 'Retry-After': String(RETRY_AFTER_SECONDS), 'Cache-Control': 'no-store' });
  ctx.type = 'application/json; charset=utf-8';
  ctx.body = REFUSAL;
}
