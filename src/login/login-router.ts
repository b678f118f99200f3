/** The hosted sign-in: its steps, in the order in which a person may meet them, and the ways to sign in. */
import type Router from '@koa/router';
import type { ChangeParts } from './change-password-step.ts';
import { changePasswordStep } from './change-password-step.ts';
import { codeStep, codeWay } from './code-step.ts';
import { type CodeParts, ContactCodes } from './contact-codes.ts';
import { type FirstParts, firstStep } from './first-step.ts';
import { forgottenStep } from './forgotten-step.ts';
import { type LinkStepParts, linkStep, linkWay } from './link-step.ts';
import { methodsStep } from './methods-step.ts';
import { type NewPasswordParts, newPasswordStep } from './new-password-step.ts';
import { passkeyStep, passkeyWay } from './passkey-step.ts';
import { passwordStep, passwordWay } from './password-step.ts';
import { resetCodeStep } from './reset-code-step.ts';
import { signUpCodeStep } from './sign-up-code-step.ts';
import { type SignUpParts, signUpStep } from './sign-up-step.ts';
import { createStepRouter, type RunnerParts } from './step-runner.ts';
import { Ways } from './ways.ts';

export type LoginParts = RunnerParts &
  Omit<FirstParts & SignUpParts & LinkStepParts & NewPasswordParts & ChangeParts, 'ways' | 'codes'> &
  CodeParts;

/** GET and POST `/login/:uid` and `/login/:uid/:step`. */
export function createLoginRouter(parts: LoginParts): Router {
  const codes = new ContactCodes(parts);
  const all = { ...parts, codes };
  const ways = new Ways([passwordWay, codeWay(all, 'email'), codeWay(all, 'sms'), linkWay(all), passkeyWay]);
  const steps = { ...all, ways };
  return createStepRouter(parts, {
    folder: 'login',
    prompt: 'login',
    steps: [
      firstStep(steps),
      passwordStep(steps),
      methodsStep(ways),
      codeStep(steps, 'email'),
      codeStep(steps, 'sms'),
      linkStep(steps),
      passkeyStep(steps),
      signUpStep(steps),
      signUpCodeStep(steps),
      forgottenStep(steps),
      resetCodeStep(steps),
      newPasswordStep(steps),
      changePasswordStep(steps),
    ],
  });
}
