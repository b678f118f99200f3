/** Tessera's own pages of the device flow, for clients that have none (contract/oidc.md 13). They work without script. */
import { html, type Page } from '../http/html.ts';
import { alert, layout, notice } from '../http/layout.ts';
import { DEVICE_TEXTS, type DeviceTexts } from '../texts/device-texts.ts';
import type { Language } from '../texts/language.ts';

export interface DeviceInfo {
  /** The address from which the device asked. */
  readonly id: string;
  readonly ua: string;
}

export type DeviceFault = keyof Pick<DeviceTexts, 'incorrect' | 'interrupted'>;

/** Asks for the code that the device shows. */
export function inputPage(
  lang: Language,
  question: {
    readonly action: string;
    /** Handed on by the form. */
    readonly uiLocales: string | undefined;
    readonly fault: DeviceFault | undefined;
  },
): Page {
  const { action, uiLocales, fault } = question;
  const t = DEVICE_TEXTS[lang];
  return layout({
    title: t.inputTitle,
    lang,
    body: html`<h1>${t.inputTitle}</h1>
<p id="hint">${t.inputHint}</p>
${alert(fault && t[fault])}
<form method="get" action="${action}">
${uiLocales !== undefined && html`<input type="hidden" name="ui_locales" value="${uiLocales}">`}
<label for="user_code">${t.inputLabel}</label>
<input id="user_code" name="user_code" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false"
 required maxlength="32" autofocus${fault && html` aria-invalid="true"`} aria-describedby="${fault ? 'form-error' : 'hint'}">
<button type="submit">${t.next}</button>
</form>`,
  });
}

/** RFC 8628 section 5.4: the user sees who asks and from where, and compares the code. */
export function approvalPage(
  lang: Language,
  question: {
    readonly action: string;
    readonly xsrf: string;
    readonly userCode: string;
    readonly clientName: string;
    readonly device: DeviceInfo;
  },
): Page {
  const t = DEVICE_TEXTS[lang];
  return layout({
    title: t.approvalTitle,
    lang,
    body: html`<h1>${t.approvalTitle}</h1>
<p>${t.approvalHint}</p>
<ul>
<li>${t.code}: <strong>${question.userCode}</strong></li>
<li>${t.application}: ${question.clientName}</li>
<li>${t.address}: ${question.device.id}</li>
<li>${t.software}: ${question.device.ua}</li>
</ul>
<form method="post" action="${question.action}">
<input type="hidden" name="xsrf" value="${question.xsrf}">
<input type="hidden" name="user_code" value="${question.userCode}">
<button type="submit" name="approved" value="true">${t.allow}</button>
<button type="submit" name="approved" value="false" class="quiet">${t.deny}</button>
</form>`,
  });
}

export const successPage = (lang: Language): Page =>
  notice(lang, DEVICE_TEXTS[lang].successTitle, DEVICE_TEXTS[lang].successHint);
export const limitPage = (lang: Language): Page =>
  notice(lang, DEVICE_TEXTS[lang].limitTitle, DEVICE_TEXTS[lang].limitHint);
