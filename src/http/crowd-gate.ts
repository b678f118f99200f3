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

/** How much may be under way in this process; several doors may lead to the same places. */
export class Places {
  readonly #most: number;
  #taken = 0;
  constructor(most: number) {
    this.#most = most;
  }

  /** @returns what gives the place back, once; undefined where none is free */
  take(): (() => void) | undefined {
    if (this.#taken >= this.#most) return undefined;
    this.#taken++;
    let isTaken = true;
    return () => {
      if (isTaken) this.#taken--;
      isTaken = false;
    };
  }
}

export interface Crowd {
  readonly places: Places;
  readonly isCostly: (method: string, path: string) => boolean;
  /** Answers 503 with `Retry-After`. */
  readonly refuse: (ctx: Koa.Context) => void;
}

/** Middleware in front of everything that reads a body, a token or a row. */
export function crowdGate({ places, isCostly, refuse }: Crowd): Koa.Middleware {
  return async (ctx, next) => {
    if (!isCostly(ctx.method, ctx.path)) return next();
    const leave = places.take();
    if (!leave) return refuse(ctx);
    const timer = setTimeout(() => ctx.req.complete || leave(), BODY_MS);
    try {
      return await next();
    } finally {
      clearTimeout(timer);
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
