/** The first page of the second factor: what this user can prove beside what is proved, or how to get such a proof. */
import { isRecentSignIn } from '../factors/recent-sign-in.ts';
import { hasTotpSettings } from '../factors/totp-settings.ts';
import { html } from '../http/html.ts';
import { fill } from '../texts/language.ts';
import { SECOND_FACTOR_TEXTS } from '../texts/second-factor-texts.ts';
import { beginFirstEnrolment, type EnrolPasswordParts } from './enrol-password-step.ts';
import { sideButton } from './form-parts.ts';
import { type SecondCodeParts, sendSecondCode } from './second-code-step.ts';
import { type SecondFactor, type SecondFactors, shortened } from './second-factors.ts';
import type { Outcome, Step, StepPage } from './step.ts';
import type { Visit } from './visit.ts';

export type ChoiceParts = SecondCodeParts & EnrolPasswordParts & { readonly factors: SecondFactors };

const STEPS = { app: 'app-code', recovery: 'recovery-code', passkey: 'passkey' } as const;

export const secondChoiceStep = (parts: ChoiceParts): Step => ({
  name: '',
  isOpen: () => true,
  arrive: (visit) => arrive(parts, visit),
  show: async (visit) => page(visit, await parts.factors.of(visit)),
  async submit(visit, fields) {
    if (fields.get('action') === 'sign-in') return { signInAgain: true };
    const chosen = await parts.factors.find(visit, fields.get('factor') ?? '');
    if (!chosen) return { go: '' };
    const { name } = chosen;
    return name === 'email' || name === 'sms' ? sendSecondCode(parts, visit, name) : { go: STEPS[name] };
  },
});

async function arrive(parts: ChoiceParts, visit: Visit): Promise<Outcome | undefined> {
  const { progress, details } = visit;
  // A step was chosen already.
  if (progress.open !== undefined && progress.open !== '') return undefined;
  // A session that does not say how it began cannot be added to.
  if (details.amr.length === 0) return { signInAgain: true };
  const choices = (await parts.factors.of(visit)).map(({ name }) => name);
  if (choices.length === 0) return withoutAny(parts, visit);
  await visit.save({ second: { choices } });
  return choices.every((name) => name === 'app' || name === 'recovery') ? { go: STEPS.app } : undefined;
}

/**
 * Whoever has none yet makes one, straight after the first factor: a session that somebody found must not be enough to
 * add a factor of their own.
 */
async function withoutAny(parts: ChoiceParts, visit: Visit): Promise<Outcome> {
  const { application, details } = visit;
  if (!hasTotpSettings(application))
    return {
      refused: 'mfa_required',
      description: 'A second factor is required, and there is none that this user could give',
    };
  const authTime = details.authenticatedAt && details.authenticatedAt.getTime() / 1000;
  if (!isRecentSignIn(authTime)) return { signInAgain: true };
  return beginFirstEnrolment(parts, visit);
}

function page(visit: Visit, factors: readonly SecondFactor[]): StepPage {
  const { language, details, texts } = visit;
  const words = SECOND_FACTOR_TEXTS[language];
  return {
    heading: words.title,
    lead: html`<p>${fill(words.lead, { app: details.appName })}</p>`,
    form: html`
${factors.map(({ name, to = '' }) => html`<button type="submit" name="factor" value="${name}" class="quiet">${fill(words.choices[name], { to: shortened(to) })}</button>\n`)}
${sideButton('sign-in', texts.restart)}`,
  };
}
