/** Tessera's own consent page, for third-party clients whose first party runs none (R92). Works without script. */
import { type Html, html, type Page } from '../http/html.ts';
import { alert, layout } from '../http/layout.ts';
import { CONSENT_TEXTS, type ConsentTexts } from '../texts/consent-texts.ts';
import { fill, type Language } from '../texts/language.ts';
import { plainNotice } from './login-frame.ts';

export interface ConsentForm {
  readonly language: Language;
  readonly clientName: string;
  readonly appName: string;
  readonly scopes: readonly string[];
  readonly resource?: { readonly name: string; readonly uri: string };
  /** Whole days the consent is good for; 0 for less than one. */
  readonly days: number;
  readonly customMessage?: string;
  readonly fault?: string;
  readonly guard: Html;
}

/** A scope in words. A permission is `resource:action` (contract D15); any other name is shown as it is. */
export function scopeInWords(scope: string, { meanings, verbs }: ConsentTexts = CONSENT_TEXTS.en): string {
  if (Object.hasOwn(meanings, scope)) return meanings[scope] ?? scope;
  const [, resource = '', action = ''] = /^([\w.-]+):([a-z]+)$/.exec(scope) ?? [];
  if (!Object.hasOwn(verbs, action)) return scope;
  return fill(verbs[action] ?? '', { what: resource.replace(/[_.-]+/g, ' ') });
}

const scopeItem = (scope: string, texts: ConsentTexts): Html => {
  const words = scopeInWords(scope, texts);
  const isPermission = words !== scope && !Object.hasOwn(texts.meanings, scope);
  return html`<li>${words}${isPermission && html` <span class="soft">(${scope})</span>`}</li>`;
};

const period = (days: number, { periods }: ConsentTexts): string =>
  days === 0 ? periods.less : days === 1 ? periods.one : fill(periods.many, { days });

/** The text with these names in bold. */
const filled = (text: string, names: Readonly<Record<string, string>>): Html =>
  html`${text
    .split(/\{(\w+)\}/)
    .map((part, at) => (at % 2 === 0 ? part : html`<strong>${names[part]}</strong>`))}`;

/** Names the client, the application, the scopes in words, and the resource. */
export function consentPage(form: ConsentForm): Page {
  const { clientName: client, appName: app, language } = form;
  const texts = CONSENT_TEXTS[language];
  return layout({
    title: texts.title,
    lang: language,
    body: html`
<h1>${texts.heading}</h1>
<p>${filled(texts.asks, { client, app })}</p>
<ul>${form.scopes.map((scope) => scopeItem(scope, texts))}</ul>
${form.resource && html`<p>${filled(texts.resource, form.resource)} <span class="soft">(${form.resource.uri})</span>.</p>`}
${form.customMessage !== undefined && html`<p>${form.customMessage}</p>`}
<p class="soft">${fill(texts.again, { period: period(form.days, texts), client, app })}</p>
${alert(form.fault)}
<form method="post">
${form.guard}
<button type="submit" name="decision" value="allow" id="consent-allow">${texts.allow}</button>
<button type="submit" name="decision" value="deny" id="consent-deny" class="quiet">${texts.deny}</button>
</form>`,
  });
}

/** For an answer that cannot be taken, whatever the reason: a stranger learns nothing. */
export const closedConsentPage = (language: Language): Page =>
  plainNotice(language, CONSENT_TEXTS[language].closed);

/** For a consent page of the first party that sends the browser here with something else than the contract says. */
export const malformedAnswerPage = (language: Language): Page =>
  plainNotice(language, CONSENT_TEXTS[language].malformed);
