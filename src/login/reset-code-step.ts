/** The code of a forgotten password; the right one opens the page for a new password, once and for a few minutes. */
import { passwordSettings } from '../applications/sign-in-settings.ts';
import type { UserId } from '../base/ids.ts';
import type { OneTimeLinks } from '../factors/one-time-link.ts';
import { html } from '../http/html.ts';
import { fill } from '../texts/language.ts';
import { isOwnContact } from '../users/proved-contact.ts';
import type { UserStore } from '../users/user-store.ts';
import { codeHint } from './contact-codes.ts';
import { type ForgottenParts, sendResetCode } from './forgotten-step.ts';
import { codeField, field, mainButton, sideButton } from './form-parts.ts';
import { RESET_PROOF, type ResetProof } from './new-password-step.ts';
import type { ResetDraft } from './progress.ts';
import { type Outcome, type Problem, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';
import { provedBy } from './who-is-meant.ts';

export interface ResetCodeParts extends ForgottenParts {
  readonly links: Pick<OneTimeLinks, 'issue'>;
  readonly users: Pick<UserStore, 'find' | 'findCandidate'>;
}

const FACTORS = { email: 'eotp', sms: 'sms' } as const;

export const resetCodeStep = (parts: ResetCodeParts): Step => ({
  name: 'reset-code',
  isOpen: ({ progress }) => (progress.reset?.awaited.length ?? 0) > 0,
  show,
  async submit(visit, fields) {
    const { reset } = visit.progress;
    if (!reset) return { go: '' };
    if (fields.get('action') === 'resend') return sendResetCode(parts, visit, reset);
    return check(parts, visit, reset, fields.get('code') ?? '');
  },
});

function show(visit: Visit, fault?: Problem): StepPage {
  const { texts, progress } = visit;
  const [channel = 'email'] = progress.reset?.awaited ?? [];
  return {
    heading: texts.enterCode,
    lead: html`<p>${fill(texts.codeSent[channel], { name: progress.reset?.identifier ?? '' })}</p>`,
    form: html`
${field(codeField(visit, codeHint(visit, channel, 'reset')), fault, true)}
${mainButton('code-submit', texts.next)}
${sideButton('resend', texts.resend, 'quiet')}
${sideButton('restart', texts.signIn)}`,
  };
}

async function check(parts: ResetCodeParts, visit: Visit, draft: ResetDraft, code: string): Promise<Outcome> {
  const [channel, ...awaited] = draft.awaited;
  if (!channel) return { go: '' };
  const at = { channel, purpose: 'reset', subject: draft.subject } as const;
  const redeemed = await parts.codes.redeem(visit, at, code);
  if ('problem' in redeemed) return redeemed;
  const { userId, to } = redeemed.right;
  const user = userId && (await parts.users.find(visit.details.tenantId, userId));
  const contact = to === undefined ? undefined : provedBy(channel, to);
  // Two codes prove one person only where both were sent to the same one, at addresses that are still theirs.
  const isOther = draft.userId !== undefined && draft.userId !== userId;
  if (!user || !contact || isOther || !isOwnContact(user, contact))
    return problem(401, visit.texts.wrongCode, { field: 'code' });
  const proved: ResetDraft = {
    ...draft,
    userId: user.userId,
    awaited,
    proved: [...draft.proved, FACTORS[channel]],
    contacts: [...(draft.contacts ?? []), contact],
  };
  await visit.save({ reset: proved });
  return awaited.length > 0
    ? sendResetCode(parts, visit, proved)
    : openPassword(parts, visit, proved, user.userId);
}

async function openPassword(
  { links }: ResetCodeParts,
  visit: Visit,
  draft: ResetDraft,
  userId: UserId,
): Promise<Outcome> {
  const proof = await links.issue<ResetProof>({
    tenantId: visit.details.tenantId,
    purpose: RESET_PROOF,
    minutes: passwordSettings(visit.application).resetValidityMinutes,
    payload: { userId, contacts: draft.contacts ?? [] },
    userId,
  });
  await visit.save({ reset: { ...draft, proof } });
  return { go: 'new-password' };
}
