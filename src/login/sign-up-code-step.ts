/**
 * Confirms the contacts of a sign-up one by one, and makes the user after the last: an address that nobody has confirmed
 * never becomes an account, so nobody can wait in one for its owner. Where the contact has an account already, its
 * owner gets a message that says so, and the page looks the same.
 */

import { AppError } from '../base/errors.ts';
import { html } from '../http/html.ts';
import { fill } from '../texts/language.ts';
import type { Admission } from '../users/admission.ts';
import type { UserStore, UserValues } from '../users/user-store.ts';
import { type ContactCodes, codeHint } from './contact-codes.ts';
import { codeField, field, mainButton, sideButton } from './form-parts.ts';
import type { SignUpDraft } from './progress.ts';
import { maySignUp } from './sign-up-rules.ts';
import { type Outcome, type Problem, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';

export interface ConfirmParts {
  readonly codes: ContactCodes;
  readonly users: Pick<UserStore, 'findOwners'>;
  readonly admission: Pick<Admission, 'signUp'>;
}

const FACTORS = { email: 'eotp', sms: 'sms' } as const;

export const signUpCodeStep = (parts: ConfirmParts): Step => ({
  name: 'sign-up-code',
  isOpen: (visit) => maySignUp(visit) && awaited(visit.progress.signUp) !== undefined,
  show,
  async submit(visit, fields) {
    const { signUp } = visit.progress;
    if (!signUp) return { go: '' };
    if (fields.get('action') === 'resend') return sendConfirmation(parts, visit, signUp);
    return check(parts, visit, signUp, fields.get('code') ?? '');
  },
});

const awaited = (draft: SignUpDraft | undefined) => draft?.contacts[draft.confirmed];

/** Sends the code to the next contact. @throws 429 */
export async function sendConfirmation(
  { codes, users }: ConfirmParts,
  visit: Visit,
  draft: SignUpDraft,
): Promise<Outcome> {
  const next = awaited(draft);
  if (!next) return { go: '' };
  const { channel, to } = next;
  const owners = await users.findOwners(
    visit.details.tenantId,
    channel === 'email' ? { email: to } : { phoneNumber: to },
  );
  const isTaken = owners.length > 0;
  await codes.send(visit, { channel, purpose: 'sign_up', subject: to, to, typed: to, isTaken });
  await visit.save({ signUp: draft });
  return { go: 'sign-up-code' };
}

function show(visit: Visit, fault?: Problem): StepPage {
  const { texts, progress } = visit;
  const { channel, to } = awaited(progress.signUp) ?? { channel: 'email', to: '' };
  return {
    heading: texts.confirmContact,
    lead: html`<p>${fill(texts.confirmSent[channel], { name: to })}</p>`,
    form: html`
${field(codeField(visit, codeHint(visit, channel, 'sign_up')), fault, true)}
${mainButton('code-submit', texts.next)}
${sideButton('resend', texts.resend, 'quiet')}
${sideButton('restart', texts.haveAccount)}`,
  };
}

async function check(parts: ConfirmParts, visit: Visit, draft: SignUpDraft, code: string): Promise<Outcome> {
  const next = awaited(draft);
  if (!next) return { go: '' };
  const at = { channel: next.channel, purpose: 'sign_up', subject: next.to } as const;
  const redeemed = await parts.codes.redeem(visit, at, code);
  if ('problem' in redeemed) return redeemed;
  const confirmed = { ...draft, confirmed: draft.confirmed + 1 };
  // Before the next one is sent, which may be refused: this code is used up.
  await visit.save({ signUp: confirmed });
  if (awaited(confirmed)) return sendConfirmation(parts, visit, confirmed);
  return signUp(parts, visit, confirmed);
}

async function signUp({ admission }: ConfirmParts, visit: Visit, draft: SignUpDraft): Promise<Outcome> {
  const { tenantId, appId } = visit.details;
  const [first] = draft.contacts;
  const factor = FACTORS[first?.channel ?? 'email'];
  const { username } = draft;
  try {
    const arrival = { tenantId, appId, factor, ip: visit.ctx.ip };
    const membership = username === undefined ? {} : { username };
    const user = await admission.signUp(arrival, toValues(draft), membership);
    return { signedIn: user.userId, factors: [factor], isNewUser: true };
  } catch (error) {
    if (error instanceof AppError && error.status === 409) return problem(409, visit.texts.identifierTaken);
    throw error;
  }
}

/** Every contact of the draft is confirmed by now. */
function toValues({ contacts, passwordHash, profile }: SignUpDraft): UserValues {
  const now = new Date();
  const values = contacts.map(({ channel, to }) =>
    channel === 'email'
      ? { email: to, emailVerifiedAt: now }
      : { phoneNumber: to, phoneNumberVerifiedAt: now },
  );
  return Object.assign({ profile, ...(passwordHash !== undefined && { passwordHash }) }, ...values);
}
