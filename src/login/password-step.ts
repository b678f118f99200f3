/** The password, after the identifier. */
import { html } from '../http/html.ts';
import { fill } from '../texts/language.ts';
import { checkPassword, type PasswordParts } from './check-password.ts';
import { field, mainButton, sideButton } from './form-parts.ts';
import type { Problem, Step, StepPage } from './step.ts';
import type { Visit } from './visit.ts';
import type { Way, Ways } from './ways.ts';

export const passwordWay: Way = { method: 'password', start: async () => ({ go: 'password' }) };

export const passwordStep = (parts: PasswordParts & { readonly ways: Ways }): Step => ({
  name: 'password',
  isOpen: (visit) => visit.progress.identifier !== undefined && parts.ways.offers(visit, 'password'),
  show: (visit, fault) => show(visit, parts.ways, fault),
  async submit(visit, fields) {
    const action = fields.get('action');
    if (action === 'methods') return { go: 'methods' };
    if (action === 'forgot') return { go: 'forgotten' };
    return checkPassword(parts, visit, visit.progress.identifier ?? '', fields.get('password') ?? '');
  },
});

function show(visit: Visit, ways: Ways, fault?: Problem): StepPage {
  const { texts, progress, hosted } = visit;
  const { identifier = '' } = progress;
  return {
    heading: texts.enterPassword,
    lead: html`<p>${fill(texts.signingInAs, { name: identifier })}</p>`,
    form: html`
<input type="hidden" name="username" autocomplete="username" value="${identifier}">
${field({ id: 'password', label: texts.password, type: 'password', autocomplete: 'current-password', maxlength: 256 }, fault, true)}
${mainButton('login-submit', texts.signIn)}
${ways.offered(visit).length > 1 && sideButton('methods', texts.otherWays, 'quiet')}
${hosted.forgotten_password && sideButton('forgot', texts.forgotPassword)}
${sideButton('restart', texts.restart)}`,
  };
}
