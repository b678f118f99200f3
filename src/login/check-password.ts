/** A password on the pages: what follows from it, said in the same words whether or not there is such a user. */
import { passwordSettings } from '../applications/sign-in-settings.ts';
import { fill } from '../texts/language.ts';
import type { LoginTexts } from '../texts/login-text-shape.ts';
import type { PasswordSignIn } from '../users/password-sign-in.ts';
import { type Outcome, type Problem, problem } from './step.ts';
import type { Visit } from './visit.ts';
import { cleanIdentifier, kindsOf } from './who-is-meant.ts';

export interface PasswordParts {
  readonly passwordSignIn: Pick<PasswordSignIn, 'signIn'>;
}

/** @throws 503 under too much load */
export async function checkPassword(
  { passwordSignIn }: PasswordParts,
  visit: Visit,
  typed: string,
  password: string,
): Promise<Outcome> {
  const { texts, ctx, application } = visit;
  const shown = { typed: { identifier: typed } };
  if (typed === '' || password === '')
    return problem(400, texts.emptySignIn, { ...shown, field: typed === '' ? 'identifier' : 'password' });
  const { tenantId, appId } = visit.details;
  const checked = await passwordSignIn.signIn({
    tenantId,
    appId,
    identifier: cleanIdentifier(typed),
    identifierKind: kindsOf(visit),
    password,
    ip: ctx.ip,
    settings: passwordSettings(application),
  });
  if (checked.outcome === 'ok') return { signedIn: checked.user.userId, factors: ['pwd'] };
  if (checked.outcome === 'wrong') return problem(401, texts.wrongPassword, shown);
  if (checked.outcome === 'locked') return lockedProblem(texts, checked.until, shown);
  await visit.save({ change: { userId: checked.user.userId, reason: checked.outcome } });
  return { go: 'change-password' };
}

/** Too many guesses: how long to wait. */
export function lockedProblem(
  texts: LoginTexts,
  until: Date,
  more: Pick<Problem, 'typed' | 'field'> = {},
): { problem: Problem } {
  const retryAfterSeconds = Math.max(1, Math.ceil((until.getTime() - Date.now()) / 1000));
  const minutes = Math.ceil(retryAfterSeconds / 60);
  const sentence = minutes === 1 ? texts.lockedMinute : fill(texts.locked, { minutes });
  return problem(429, sentence, { ...more, retryAfterSeconds });
}
