/** What a page with a passkey ceremony has in its form and its head. */

import type { PasskeyTexts } from '../texts/passkey-texts.ts';
import { type Html, html } from './html.ts';
import { passkeyPolicy, passkeyScript } from './passkey-script.ts';

/** The field that the script fills in (passkey-page.js). */
export const PASSKEY_FIELD = 'passkey';

export interface CeremonyForm {
  /** `conditional`: the browser offers passkeys in the identifier field, and nothing else is seen of it. */
  readonly mode: 'conditional' | 'use' | 'create';
  /** Path that starts the ceremony. */
  readonly start: string;
  readonly atOnce?: boolean;
}

const hiddenField = ({ mode, start, atOnce = false }: CeremonyForm): Html =>
  html`<input type="hidden" name="${PASSKEY_FIELD}" id="passkey-answer" value="" data-mode="${mode}" data-start="${start}"${atOnce && html` data-at-once="yes"`}>
`;

/** Script and policy of a page with a ceremony. */
export const ceremonyHead = { head: passkeyScript, policy: passkeyPolicy };

/** For the identifier page, whose field has `autocomplete="username webauthn"`. */
export const conditionalField = (start: string): Html => hiddenField({ mode: 'conditional', start });

/** Field and button of a page that is about a passkey; a page shown again with a problem (`fault`) waits for the button. */
export function ceremonyFields(texts: PasskeyTexts, form: CeremonyForm, fault?: object): Html {
  const isNew = form.mode === 'create';
  const failed = isNew ? texts.createFailed : texts.failed;
  return html`
${hiddenField({ ...form, atOnce: form.atOnce === true && fault === undefined })}
<p id="passkey-missing">${isNew ? texts.createMissing : texts.missing}</p>
<div role="alert" id="passkey-failed" hidden>${failed}</div>
<button type="button" id="passkey-start" hidden>${isNew ? texts.create : texts.use}</button>
`;
}
