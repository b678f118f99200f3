/** The answer of a passkey on the pages: read, checked, and the same sentence for every one that is not good. */
import { AppError } from '../base/errors.ts';
import { FactorLocked } from '../factors/factor-faults.ts';
import { authenticationAnswer } from '../factors/passkey-answer-schema.ts';
import type { PasskeyAuthentication, ProvenPasskey } from '../factors/passkey-authentication.ts';
import type { PasskeyPlaces } from '../factors/passkey-places.ts';
import { parseObject } from '../http/json-body.ts';
import { PASSKEY_TEXTS } from '../texts/passkey-texts.ts';
import type { Admission } from '../users/admission.ts';
import { lockedProblem } from './check-password.ts';
import { type Outcome, type Problem, problem } from './step.ts';
import type { Visit } from './visit.ts';

export interface PasskeyParts {
  readonly places: Pick<PasskeyPlaces, 'ofHostedPages'>;
  readonly authentication: Pick<PasskeyAuthentication, 'start' | 'finish'>;
  readonly admission: Pick<Admission, 'signedIn'>;
}

/** Undefined for an answer that is not good, whatever is wrong with it. @throws FactorLocked */
export async function provenPasskey(
  { places, authentication }: Omit<PasskeyParts, 'admission'>,
  { details }: Pick<Visit, 'details'>,
  answer: string,
  ip?: string,
): Promise<ProvenPasskey | undefined> {
  try {
    const place = await places.ofHostedPages(details.tenantId, details.clientId);
    return await authentication.finish(place, authenticationAnswer(parseObject(Buffer.from(answer))), ip);
  } catch (error) {
    if (error instanceof FactorLocked) throw error;
    if (error instanceof AppError && error.status < 500) return undefined;
    throw error;
  }
}

/** Says how long to wait where too many answers were wrong; every other error goes on. */
export const whileLocked =
  ({ texts }: Pick<Visit, 'texts'>) =>
  (error: unknown): { problem: Problem } => {
    if (error instanceof FactorLocked) return lockedProblem(texts, error.until);
    throw error;
  };

/** Whoever has answered signs in: the passkey names its user. */
export const checkPasskey = (parts: PasskeyParts, visit: Visit, answer: string): Promise<Outcome> =>
  signIn(parts, visit, answer).catch(whileLocked(visit));

async function signIn(parts: PasskeyParts, visit: Visit, answer: string): Promise<Outcome> {
  const { details, ctx, language } = visit;
  const proven = await provenPasskey(parts, visit, answer, ctx.ip);
  const arrival = {
    tenantId: details.tenantId,
    appId: details.appId,
    factor: 'webauthn' as const,
    ip: ctx.ip,
  };
  const user = proven && (await parts.admission.signedIn(arrival, proven.user.userId));
  return user
    ? { signedIn: user.userId, factors: ['webauthn'] }
    : problem(401, PASSKEY_TEXTS[language].refused);
}
