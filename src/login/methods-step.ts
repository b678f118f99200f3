/** The choice among the ways to sign in; the same for everybody, whatever the account has. */
import type { LoginMethod } from '../applications/hosted-login.ts';
import { html } from '../http/html.ts';
import { fill } from '../texts/language.ts';
import { sideButton } from './form-parts.ts';
import type { Step } from './step.ts';
import type { Ways } from './ways.ts';

export const methodsStep = (ways: Ways): Step => ({
  name: 'methods',
  isOpen: ({ progress }) => progress.identifier !== undefined,
  show: (visit) => ({
    heading: visit.texts.chooseMethod,
    lead: html`<p>${fill(visit.texts.signingInAs, { name: visit.progress.identifier ?? '' })}</p>`,
    form: html`
${ways.offered(visit).map(
  (method) =>
    html`<button type="submit" name="method" value="${method}" class="quiet">${visit.texts.methods[method]}</button>
`,
)}
${sideButton('restart', visit.texts.restart)}`,
  }),
  // A method that is not offered leads back to the first page (ways.ts).
  submit: (visit, fields) => ways.start(visit, fields.get('method') as LoginMethod),
});
