/** What people see between a service provider and us: forms that send themselves on, and what went wrong. */
import type { Context } from 'koa';
import { faultsOnPage } from '../http/fault-page.ts';
import { formTargets } from '../http/form-target.ts';
import { html, newNonce, raw, sendPage } from '../http/html.ts';
import { layout, notice } from '../http/layout.ts';
import { sendPostingPage } from '../http/posting-page.ts';
import { chooseLanguage, type Language } from '../texts/language.ts';
import { SAML_TEXTS, type SamlTexts } from '../texts/saml-texts.ts';
import type { ShownRequest } from './logout-chain.ts';
import type { Dispatch } from './outgoing.ts';

export const languageOf = (ctx: Context): Language => chooseLanguage([], ctx.get('Accept-Language'));
export const textsOf = (ctx: Context): SamlTexts => SAML_TEXTS[languageOf(ctx)];

export function seeOther(ctx: Context, address: string): void {
  ctx.status = 303;
  ctx.set('Cache-Control', 'no-store');
  ctx.redirect(address);
}

/** Sends the browser to a provider with a message. */
export function send(ctx: Context, sent: Dispatch, title: keyof SamlTexts): void {
  const t = textsOf(ctx);
  if (sent.binding === 'redirect') seeOther(ctx, sent.url);
  else sendPostingPage(ctx, 200, { ...sent, title: t[title], button: t.goOn, lang: languageOf(ctx) });
}

/** What goes wrong before a provider is proven is told to the person, and sent nowhere. */
export const onPage = (title: keyof SamlTexts, handle: (ctx: Context) => Promise<void>) =>
  faultsOnPage((lang) => ({ title: SAML_TEXTS[lang][title], advice: SAML_TEXTS[lang].startAgain }), handle);

const FORM = 'saml-request';
const LINK = 'saml-continue';
/** After the page has loaded: before, the browser would replace it in its history, and there were no way back to it. */
const GO = `const go = () => {
  const form = document.getElementById('${FORM}');
  if (form) form.submit(); else location.assign(document.getElementById('${LINK}').href);
};
addEventListener('load', () => setTimeout(go, 0));`;

/**
 * A provider is asked to sign the user out. The first time at once; whoever comes back because it did not answer decides
 * on how to go on.
 * @param without address of ours that leaves this provider out.
 */
export function sendStepPage(
  ctx: Context,
  { name, dispatch, isRepeated }: ShownRequest,
  without: string,
): void {
  const nonce = newNonce();
  const t = textsOf(ctx);
  const body = html`<h1>${t.signingOut}</h1>
<p>${isRepeated ? t.notAnswered : t.asking} <strong>${name}</strong></p>
${way(dispatch, t)}
<p><a href="${without}">${t.goOnWithout}</a></p>
${!isRepeated && html`<script nonce="${nonce}">${raw(GO)}</script>`}`;
  sendPage(ctx, 200, layout({ title: t.signingOut, lang: languageOf(ctx), body, nonce }), {
    ...(dispatch.binding === 'post' && { formActions: formTargets([dispatch.action]) }),
    policy: [`script-src 'nonce-${nonce}'`],
  });
}

const way = (dispatch: Dispatch, t: SamlTexts) =>
  dispatch.binding === 'redirect'
    ? html`<p><a href="${dispatch.url}" id="${LINK}">${t.goOn}</a></p>`
    : html`<form method="post" action="${dispatch.action}" id="${FORM}">
${Object.entries(dispatch.fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`)}
<button type="submit">${t.goOn}</button>
</form>`;

/** The sign-out ends at us. */
export function sendSignedOut(ctx: Context, isPartial: boolean): void {
  const t = textsOf(ctx);
  const [title, sentence] = isPartial
    ? [t.partlySignedOut, t.partlySignedOutSentence]
    : [t.signedOut, t.signedOutSentence];
  sendPage(ctx, 200, notice(languageOf(ctx), title, sentence));
}
