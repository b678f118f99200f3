/** The code of an authenticator app, or a recovery code in its place; both count against one limit of the user. */
import { AppError } from '../base/errors.ts';
import type { UserId } from '../base/ids.ts';
import { FactorLocked } from '../factors/factor-faults.ts';
import type { TotpService } from '../factors/totp-service.ts';
import { html } from '../http/html.ts';
import { SECOND_FACTOR_TEXTS } from '../texts/second-factor-texts.ts';
import type { Admission } from '../users/admission.ts';
import { lockedProblem } from './check-password.ts';
import { codeField, type Field, field, mainButton, sideButton } from './form-parts.ts';
import { proveFactor } from './prove-factor.ts';
import type { SecondFactors } from './second-factors.ts';
import { type Outcome, type Problem, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';

export interface AppCodeParts {
  readonly totp: Pick<TotpService, 'verify' | 'verifyRecoveryCode'>;
  readonly factors: SecondFactors;
  readonly admission: Pick<Admission, 'signedIn'>;
}

type Kind = 'app' | 'recovery';
const NAMES = { app: 'app-code', recovery: 'recovery-code' } as const;

export const appCodeStep = (parts: AppCodeParts, kind: Kind): Step => ({
  name: NAMES[kind],
  isOpen: ({ progress }) => progress.second?.choices.includes(kind) ?? false,
  show: (visit, fault) => show(visit, kind, fault),
  async submit(visit, fields) {
    const action = fields.get('action');
    if (action === 'others') return { go: '' };
    if (action === 'recovery') return { go: NAMES.recovery };
    if (action === 'app') return { go: NAMES.app };
    return check(parts, visit, kind, fields.get('code') ?? '');
  },
});

function show(visit: Visit, kind: Kind, fault?: Problem): StepPage {
  const words = SECOND_FACTOR_TEXTS[visit.language];
  const choices = visit.progress.second?.choices ?? [];
  const other = kind === 'app' ? 'recovery' : 'app';
  const hasMore = choices.some((name) => name !== 'app' && name !== 'recovery');
  return {
    heading: kind === 'app' ? words.appTitle : words.recoveryTitle,
    form: html`
${field(kind === 'app' ? codeField(visit, words.appHint) : recoveryField(visit), fault, true)}
${mainButton('code-submit', words.confirm)}
${choices.includes(other) && sideButton(other, words.choices[other])}
${hasMore && sideButton('others', words.otherFactor)}`,
  };
}

function recoveryField({ language }: Visit): Field {
  const { recoveryLabel: label, recoveryHint: hint } = SECOND_FACTOR_TEXTS[language];
  return { id: 'code', label, hint, autocomplete: 'off', maxlength: 64, className: 'key' };
}

async function check(parts: AppCodeParts, visit: Visit, kind: Kind, code: string): Promise<Outcome> {
  const { tenantId, appId, userId } = visit.details;
  if (!(await parts.factors.find(visit, kind))) return { go: '' };
  const owner = { tenantId, appId, userId: userId as UserId };
  try {
    if (kind === 'app') await parts.totp.verify(owner, code);
    else await parts.totp.verifyRecoveryCode(owner, code);
  } catch (error) {
    return refusal(visit, error);
  }
  return proveFactor(parts, visit, 'otp');
}

function refusal({ texts, language }: Visit, error: unknown): Outcome {
  if (error instanceof FactorLocked) return lockedProblem(texts, error.until, { field: 'code' });
  if (error instanceof AppError && error.status === 400)
    return problem(401, SECOND_FACTOR_TEXTS[language].wrongCode, { field: 'code' });
  throw error;
}
