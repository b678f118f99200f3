/** A passkey as the second factor: one of the session's user, and nobody else's. */
import { passkeySettings } from '../applications/sign-in-settings.ts';
import { html } from '../http/html.ts';
import { ceremonyFields, ceremonyHead, PASSKEY_FIELD } from '../http/passkey-form.ts';
import { PASSKEY_TEXTS } from '../texts/passkey-texts.ts';
import { SECOND_FACTOR_TEXTS } from '../texts/second-factor-texts.ts';
import type { GuessLimiter } from '../users/guess-limiter.ts';
import { type PasskeyParts, provenPasskey, whileLocked } from './check-passkey.ts';
import { lockedProblem } from './check-password.ts';
import { sideButton } from './form-parts.ts';
import { startPath } from './passkey-start-router.ts';
import { proveFactor } from './prove-factor.ts';
import type { SecondFactors } from './second-factors.ts';
import { type Outcome, type Problem, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';

export interface SecondPasskeyParts extends PasskeyParts {
  readonly factors: SecondFactors;
  readonly limiter: Pick<GuessLimiter, 'guess'>;
}

export const secondPasskeyStep = (parts: SecondPasskeyParts): Step => ({
  name: 'passkey',
  isOpen: ({ progress }) => progress.second?.choices.includes('passkey') ?? false,
  show,
  async submit(visit, fields) {
    if (fields.get('action') === 'others') return { go: '' };
    if (!(await parts.factors.find(visit, 'passkey'))) return { go: '' };
    return check(parts, visit, fields.get(PASSKEY_FIELD) ?? '').catch(whileLocked(visit));
  },
});

function show({ details, language, progress }: Visit, fault?: Problem): StepPage {
  const words = PASSKEY_TEXTS[language];
  const start = startPath('second-factor', details.uid);
  return {
    ...ceremonyHead,
    heading: words.title,
    lead: html`<p>${words.lead}</p>`,
    form: html`
${ceremonyFields(words, { mode: 'use', start, atOnce: true }, fault)}
${(progress.second?.choices.length ?? 0) > 1 && sideButton('others', SECOND_FACTOR_TEXTS[language].otherFactor)}`,
  };
}

/** Counted like a code: whoever has only the first factor gets a few attempts. */
async function check(parts: SecondPasskeyParts, visit: Visit, answer: string): Promise<Outcome> {
  const { details, ctx, application, texts, language } = visit;
  const { tenantId, userId } = details;
  const target = {
    tenantId,
    key: `second passkey:${userId}`,
    lockout: passkeySettings(application).lockout,
    ip: ctx.ip,
  };
  const guess = await parts.limiter.guess(target, async () => {
    const proven = await provenPasskey(parts, visit, answer);
    // A ceremony of the sign-in page takes anybody's passkey.
    return proven?.user.userId === userId ? proven : undefined;
  });
  if (guess.outcome === 'locked') return lockedProblem(texts, guess.until);
  if (guess.outcome === 'wrong') return problem(401, PASSKEY_TEXTS[language].refused);
  return proveFactor(parts, visit, 'webauthn');
}
