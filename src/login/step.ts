/**
 * What one step of a hosted flow is: one file, one address below `/login/:uid/`, one page and its answer.
 *
 * To add a step: write `<name>-step.ts` that exports a function from its parts to a `Step`, and add it to the list in
 * login-router.ts. The runner (step-runner.ts) does what all steps share: it finds the interaction and shows one plain page
 * where it is over or another browser's, reads and guards the form, sends a browser back to `/login/:uid` that opens a
 * step out of turn, shows a problem with the page again, and answers a good form with a redirect. So:
 * - `isOpen` must rest on `visit.progress` (what was proved and sent so far, kept on the server), never on the form;
 * - `show` changes nothing, but may `visit.save` what its own page needs (a challenge); `submit` writes with `visit.save`
 *   and says where to go;
 * - buttons are named `action`: `cancel` and `restart` are the runner's, all others the step's own;
 * - words come from `visit.texts` (texts/login-texts-*.ts).
 * A way to sign in is also put on the list of ways (ways.ts) in login-router.ts, and is offered from then on. Another
 * prompt's pages (`/second-factor/:uid`) are a list of steps of their own for `createStepRouter`, with `{ proved }` as end.
 */
import type { UserId } from '../base/ids.ts';
import type { Factor } from '../factors/factor.ts';
import type { FormFields } from '../http/form-guard.ts';
import type { Html, Page, Piece } from '../http/html.ts';
import type { LoginTexts } from '../texts/login-text-shape.ts';
import type { Visit } from './visit.ts';

/** Why a form was not taken; the page is shown again with it. */
export interface Problem {
  readonly status: number;
  readonly sentences: readonly string[];
  /** The field that gets the focus and is marked. */
  readonly field?: string;
  /** What was typed and may be shown again; never a password or code. */
  readonly typed?: Readonly<Record<string, string>>;
  readonly retryAfterSeconds?: number;
}

export interface StepPage {
  /** Heading and title. */
  readonly heading: string;
  /** Sentences under the heading. */
  readonly lead?: Piece;
  /** Inside of the one form: fields and buttons. Without one there is no form. */
  readonly form?: Html;
  /** There is nothing left to cancel. */
  readonly isPastSignIn?: true;
  /** More for the head, and the CSP directives that it needs (passkeys). */
  readonly head?: (nonce: string) => Html;
  readonly policy?: (nonce: string) => readonly string[];
}

export type Outcome =
  | { readonly problem: Problem }
  /** Name of the step; empty for the first page. */
  | { readonly go: string }
  | { readonly signedIn: UserId; readonly factors: readonly Factor[]; readonly isNewUser?: boolean }
  /** One more factor of the session's user. */
  | { readonly proved: Factor }
  /** The passkey was added, or is not wanted now. */
  | { readonly offerAnswered: true }
  /** A page that is shown this once, in answer to the form: what must not be kept. Its form comes back to the same step. */
  | { readonly once: StepPage }
  /** Ends this browser's session, and begins with the sign-in. */
  | { readonly signInAgain: true }
  /** Ends at the application with this error. */
  | { readonly refused: string; readonly description: string }
  /** Ends at the application with `access_denied`. */
  | { readonly cancelled: true };

export interface Step {
  /** Last part of the address; empty for the first page. */
  readonly name: string;
  /** False where a step before is unfinished or the application does not offer this one. */
  isOpen(visit: Visit): boolean;
  show(visit: Visit, problem?: Problem): StepPage | Promise<StepPage>;
  submit(visit: Visit, fields: FormFields): Promise<Outcome>;
  /** For a step that a link leads to: called with every GET, out of turn as well. Undefined: `show` follows. */
  arrive?(visit: Visit): Promise<Outcome | undefined>;
  /** Shown instead of the plain page to a browser that did not begin this interaction. */
  strangerPage?(texts: LoginTexts, lang: string): Page;
}

/** One sentence with a 4xx status. */
export const problem = (
  status: number,
  sentence: string,
  more: Omit<Problem, 'status' | 'sentences'> = {},
): { problem: Problem } => ({ problem: { status, sentences: [sentence], ...more } });
