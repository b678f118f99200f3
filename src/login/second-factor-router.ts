/** The pages of the second factor, which follow the sign-in where two factors are asked for (authentication.md 7). */
import type Router from '@koa/router';
import { type AppCodeParts, appCodeStep } from './app-code-step.ts';
import { type CodeParts, ContactCodes } from './contact-codes.ts';
import { enrolAppStep } from './enrol-app-step.ts';
import { type EnrolPasswordParts, enrolPasswordStep } from './enrol-password-step.ts';
import { secondChoiceStep } from './second-choice-step.ts';
import { secondCodeStep } from './second-code-step.ts';
import { type SecondFactorSources, SecondFactors } from './second-factors.ts';
import { type SecondPasskeyParts, secondPasskeyStep } from './second-passkey-step.ts';
import { createStepRouter, type RunnerParts } from './step-runner.ts';

export type SecondFactorParts = RunnerParts &
  CodeParts &
  SecondFactorSources &
  Omit<AppCodeParts & EnrolPasswordParts & SecondPasskeyParts, 'factors' | 'codes'>;

/** GET and POST `/second-factor/:uid` and `/second-factor/:uid/:step`. */
export function createSecondFactorRouter(parts: SecondFactorParts): Router {
  const steps = { ...parts, codes: new ContactCodes(parts), factors: new SecondFactors(parts) };
  return createStepRouter(parts, {
    folder: 'second-factor',
    prompt: 'second_factor',
    steps: [
      secondChoiceStep(steps),
      appCodeStep(steps, 'app'),
      appCodeStep(steps, 'recovery'),
      secondPasskeyStep(steps),
      secondCodeStep(steps, 'email'),
      secondCodeStep(steps, 'sms'),
      enrolPasswordStep(steps),
      enrolAppStep(steps),
    ],
  });
}
