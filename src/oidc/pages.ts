/** The engine's own pages: error, the sign-out question, signed out. */
import { randomUUID } from 'node:crypto';
import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { html, sendPage } from '../http/html.ts';
import { layout, notice } from '../http/layout.ts';
import { ENGINE_FAULT_TEXTS } from '../texts/engine-fault-texts.ts';
import { ENGINE_TEXTS } from '../texts/engine-texts.ts';
import { explain } from './error-descriptions.ts';
import { pageFault } from './page-faults.ts';
import { pageLanguage, withLocales } from './page-language.ts';

/** Says what was wrong with an authorization request that must not be redirected. JSON where HTML is not wanted. */
export function errorPage(ctx: KoaContextWithOIDC, out: ErrorOut, error: Error): void {
  const lang = pageLanguage(ctx);
  const texts = ENGINE_TEXTS[lang];
  const fault = pageFault(ctx, error);
  const reason = ENGINE_FAULT_TEXTS[lang][fault];
  // For the operator, and in English as everything that developers read.
  const detail = explain(error) ?? out.error_description;
  const body =
    fault === 'expired' || fault === 'busy'
      ? html`<h1>${texts.again[fault]}</h1><p>${reason}</p><p class="soft">${out.error}</p>`
      : html`<h1>${texts.error.heading}</h1><p>${reason}</p><p>${texts.error.operator}</p>
    <p class="soft" lang="en">${out.error}${detail && html`: ${detail}`}</p>`;
  sendPage(ctx, Math.max(ctx.status, 400), layout({ title: texts.error.title, lang, body }));
}

/** RP-Initiated Logout 1.0: asks before the session ends. `form` is the engine's hidden form with its CSRF value. */
export async function signOutPage(ctx: KoaContextWithOIDC, form: string): Promise<void> {
  const lang = pageLanguage(ctx);
  const { heading, sentence, button } = ENGINE_TEXTS[lang].signOut;
  const action = withLocales(ctx, /action="([^"]*)"/.exec(form)?.[1] ?? '');
  const proof = /name="xsrf" value="([^"]*)"/.exec(form)?.[1] ?? '';
  const body = html`<h1>${heading}</h1>
    <p>${sentence}</p>
    <form method="post" action="${action}" id="form-${randomUUID()}">
      <input type="hidden" name="xsrf" value="${proof}">
      <button type="submit" name="logout" value="yes" id="logout-confirm">${button}</button>
    </form>`;
  const target = ctx.oidc.params?.post_logout_redirect_uri;
  const origin = typeof target === 'string' ? URL.parse(target) : null;
  sendPage(ctx, 200, layout({ title: heading, lang, body }), {
    formActions: origin ? [origin.origin === 'null' ? origin.protocol : origin.origin] : [],
  });
}

export async function signedOutPage(ctx: KoaContextWithOIDC): Promise<void> {
  const lang = pageLanguage(ctx);
  const { title, sentence } = ENGINE_TEXTS[lang].signedOut;
  sendPage(ctx, 200, notice(lang, title, sentence));
}
