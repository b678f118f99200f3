/** Stands before the engine's page for user codes: limits guesses, and makes the contract's forms the engine's. */
import type { Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { sendPage } from '../http/html.ts';
import { networkOf } from '../storage/attempt-limit.ts';
import { answerCode, cameWithoutCookies, type DeviceParts, toEngineForm } from './device-flow.ts';
import { limitPage } from './device-pages.ts';
import { pageLanguage, withLocales } from './page-language.ts';
import { passOn } from './passing-page.ts';
import { changeForm } from './request-form.ts';

/** The only fields that a form from elsewhere can hand on. */
const FIELDS = ['user_code', 'xsrf', 'approved'];

export function deviceFront(
  parts: DeviceParts & { readonly action: string; readonly sessionCookie: string },
): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== '/device') return next();
    if (await parts.guesses.isReached(networkOf(ctx.ip))) {
      ctx.set('Retry-After', String(parts.guesses.seconds));
      return sendPage(ctx, 429, limitPage(pageLanguage(ctx)));
    }
    if (ctx.method === 'POST') {
      const posted = new URLSearchParams();
      await changeForm(ctx, (form) => {
        for (const name of FIELDS) if (form.has(name)) posted.set(name, form.get(name) ?? '');
        toEngineForm(form);
      });
      // Our own page sends it again: then the session is there to hold the xsrf value against.
      if (!cameWithoutCookies(ctx, parts.sessionCookie)) return next();
      return passOn(ctx, 200, withLocales(ctx, parts.action), Object.fromEntries(posted));
    }
    const [userCode] = [ctx.query.user_code].flat();
    const { client_id: clientId } = ctx.query;
    ctx.query = { ...(userCode && { user_code: userCode }), ...(clientId && { client_id: clientId }) };
    await next();
    if (ctx.method === 'GET') await answerCode(parts, ctx as unknown as KoaContextWithOIDC);
  };
}
