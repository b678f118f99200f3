/** Tessera's own pages of the device flow, for clients that have none (contract/oidc.md 13). They work without script. */
import { html, type Page } from '../http/html.ts';
import { alert, layout, notice } from '../http/layout.ts';
import { DEVICE_TEXTS as TEXTS } from './device-texts.ts';

export interface DeviceInfo {
  /** The address from which the device asked. */
  readonly id: string;
  readonly ua: string;
}

/** Asks for the code that the device shows. */
export const inputPage = (action: string, fault: string | undefined): Page =>
  layout({
    title: TEXTS.inputTitle,
    body: html`<h1>${TEXTS.inputTitle}</h1>
<p>${TEXTS.inputHint}</p>
${alert(fault)}
<form method="get" action="${action}">
<label for="user_code">${TEXTS.inputLabel}</label>
<input id="user_code" name="user_code" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false"
 required maxlength="32" autofocus>
<button type="submit">${TEXTS.next}</button>
</form>`,
  });

/** RFC 8628 section 5.4: the user sees who asks and from where, and compares the code. */
export const approvalPage = (question: {
  readonly action: string;
  readonly xsrf: string;
  readonly userCode: string;
  readonly clientName: string;
  readonly device: DeviceInfo;
}): Page =>
  layout({
    title: TEXTS.approvalTitle,
    body: html`<h1>${TEXTS.approvalTitle}</h1>
<p>${TEXTS.approvalHint}</p>
<ul>
<li>${TEXTS.code}: <strong>${question.userCode}</strong></li>
<li>${TEXTS.application}: ${question.clientName}</li>
<li>${TEXTS.address}: ${question.device.id}</li>
<li>${TEXTS.software}: ${question.device.ua}</li>
</ul>
<form method="post" action="${question.action}">
<input type="hidden" name="xsrf" value="${question.xsrf}">
<input type="hidden" name="user_code" value="${question.userCode}">
<button type="submit" name="approved" value="true">${TEXTS.allow}</button>
<button type="submit" name="approved" value="false" class="quiet">${TEXTS.deny}</button>
</form>`,
  });

export const successPage = (): Page => notice(TEXTS.successTitle, TEXTS.successHint);
export const limitPage = (): Page => notice(TEXTS.limitTitle, TEXTS.limitHint);
