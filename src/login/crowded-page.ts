/** What a person sees whose form was not even read, because too many others came before (http/crowd-gate.ts). */
import type Koa from 'koa';
import { RETRY_AFTER_SECONDS } from '../http/crowd-gate.ts';
import { html, sendPage } from '../http/html.ts';
import { alert, layout } from '../http/layout.ts';
import { chooseLanguage } from '../texts/language.ts';
import { LOGIN_TEXTS } from '../texts/login-texts.ts';

export function refuseForm(ctx: Koa.Context): void {
  const lang = chooseLanguage([], ctx.get('accept-language'));
  const { signIn, tooBusy } = LOGIN_TEXTS[lang];
  ctx.set('Retry-After', String(RETRY_AFTER_SECONDS));
  sendPage(ctx, 503, layout({ title: signIn, lang, body: html`<h1>${signIn}</h1>${alert(tooBusy)}` }));
}
