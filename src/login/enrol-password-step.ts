/**
 * Asks for the password before a first authenticator app is set up: a mailbox or a phone that opened the session must not
 * be enough for a factor that its holder then keeps, where the user has a password.
 */
import { passwordSettings } from '../applications/sign-in-settings.ts';
import { hasShownCredential } from '../factors/factor.ts';
import { html } from '../http/html.ts';
import { SECOND_FACTOR_TEXTS } from '../texts/second-factor-texts.ts';
import type { PasswordSignIn } from '../users/password-sign-in.ts';
import type { UserStore } from '../users/user-store.ts';
import { lockedProblem } from './check-password.ts';
import { beginEnrolment, type EnrolParts } from './enrol-app-step.ts';
import { field, mainButton, sideButton } from './form-parts.ts';
import { type Outcome, type Problem, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';

export interface EnrolPasswordParts extends EnrolParts {
  readonly passwordSignIn: Pick<PasswordSignIn, 'confirm'>;
  readonly users: Pick<UserStore, 'find'>;
}

/** Straight on for whoever has shown a credential in this session, and for users without a password. */
export async function beginFirstEnrolment(parts: EnrolPasswordParts, visit: Visit): Promise<{ go: string }> {
  const { tenantId, userId, amr } = visit.details;
  const user = userId && (await parts.users.find(tenantId, userId));
  if (!user?.hasPassword || hasShownCredential(amr)) return beginEnrolment(parts, visit);
  await visit.save({ second: { choices: [], awaitsPassword: true } });
  return { go: 'enrol-password' };
}

export const enrolPasswordStep = (parts: EnrolPasswordParts): Step => ({
  name: 'enrol-password',
  isOpen: ({ progress }) => progress.second?.awaitsPassword === true,
  show,
  async submit(visit, fields) {
    if (fields.get('action') === 'sign-in') return { signInAgain: true };
    return check(parts, visit, fields.get('password') ?? '');
  },
});

function show({ language, texts }: Visit, fault?: Problem): StepPage {
  return {
    heading: texts.enterPassword,
    lead: html`<p>${SECOND_FACTOR_TEXTS[language].passwordFirst}</p>`,
    form: html`
${field({ id: 'password', label: texts.password, type: 'password', autocomplete: 'current-password', maxlength: 256 }, fault, true)}
${mainButton('password-submit', texts.next)}
${sideButton('sign-in', texts.restart)}`,
  };
}

async function check(parts: EnrolPasswordParts, visit: Visit, password: string): Promise<Outcome> {
  const { details, application, texts, ctx } = visit;
  const { tenantId, appId, userId } = details;
  if (userId === undefined) return { go: '' };
  const settings = passwordSettings(application);
  const who = { tenantId, appId, userId, ip: ctx.ip };
  const guess = await parts.passwordSignIn.confirm(who, password, settings);
  if (guess.outcome === 'locked') return lockedProblem(texts, guess.until, { field: 'password' });
  if (guess.outcome === 'wrong')
    return problem(401, SECOND_FACTOR_TEXTS[visit.language].wrongPassword, { field: 'password' });
  return beginEnrolment(parts, visit);
}
