/** A passkey as the first factor: no identifier is needed, the passkey says whose it is. */
import { html } from '../http/html.ts';
import { ceremonyFields, ceremonyHead, PASSKEY_FIELD } from '../http/passkey-form.ts';
import { PASSKEY_TEXTS } from '../texts/passkey-texts.ts';
import { checkPasskey, type PasskeyParts } from './check-passkey.ts';
import { sideButton } from './form-parts.ts';
import { startPath } from './passkey-start-router.ts';
import { type Problem, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';
import type { Way, Ways } from './ways.ts';

export const passkeyWay: Way = { method: 'passkey', start: async () => ({ go: 'passkey' }) };

export const passkeyStep = (parts: PasskeyParts & { readonly ways: Ways }): Step => ({
  name: 'passkey',
  isOpen: (visit) => parts.ways.offers(visit, 'passkey'),
  show,
  async submit(visit, fields) {
    if (fields.get('action') === 'methods')
      return { go: visit.progress.identifier === undefined ? '' : 'methods' };
    const answer = fields.get(PASSKEY_FIELD) ?? '';
    if (answer === '') return problem(400, PASSKEY_TEXTS[visit.language].failed);
    return checkPasskey(parts, visit, answer);
  },
});

function show({ details, language, texts }: Visit, fault?: Problem): StepPage {
  const words = PASSKEY_TEXTS[language];
  const start = startPath('login', details.uid);
  return {
    ...ceremonyHead,
    heading: words.title,
    lead: html`<p>${words.lead}</p>`,
    form: html`
${ceremonyFields(words, { mode: 'use', start, atOnce: true }, fault)}
${sideButton('methods', texts.otherWays)}`,
  };
}
