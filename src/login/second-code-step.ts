/** A code by email or text message as the second factor; it opens nothing else, and no other code opens this. */
import { html } from '../http/html.ts';
import { fill } from '../texts/language.ts';
import { SECOND_FACTOR_TEXTS } from '../texts/second-factor-texts.ts';
import type { Admission } from '../users/admission.ts';
import { type ContactCodes, codeHint } from './contact-codes.ts';
import { codeField, field, mainButton, sideButton } from './form-parts.ts';
import type { Channel } from './progress.ts';
import { proveFactor } from './prove-factor.ts';
import { type SecondFactors, shortened } from './second-factors.ts';
import { type Outcome, type Problem, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';
import { provedBy } from './who-is-meant.ts';

export interface SecondCodeParts {
  readonly codes: ContactCodes;
  readonly factors: SecondFactors;
  readonly admission: Pick<Admission, 'signedIn'>;
}

const NAMES = { email: 'email-code', sms: 'sms-code' } as const;

/** @throws 429 where this recipient was written to too often */
export async function sendSecondCode(
  { codes, factors }: SecondCodeParts,
  visit: Visit,
  channel: Channel,
): Promise<Outcome> {
  const { userId } = visit.details;
  const to = (await factors.find(visit, channel))?.to;
  if (to === undefined || userId === undefined) return { go: '' };
  const subject = userId;
  await codes.send(visit, { channel, purpose: 'second_factor', subject, to, typed: to, userId });
  await visit.save({ sent: { channel, subject, shownAs: shortened(to) } });
  return { go: NAMES[channel] };
}

export const secondCodeStep = (parts: SecondCodeParts, channel: Channel): Step => ({
  name: NAMES[channel],
  isOpen: ({ progress }) => progress.sent?.channel === channel,
  show: (visit, fault) => show(visit, channel, fault),
  async submit(visit, fields) {
    const action = fields.get('action');
    if (action === 'others') return { go: '' };
    if (action === 'resend') return sendSecondCode(parts, visit, channel);
    return check(parts, visit, channel, fields.get('code') ?? '');
  },
});

function show(visit: Visit, channel: Channel, fault?: Problem): StepPage {
  const words = SECOND_FACTOR_TEXTS[visit.language];
  const { sent, second } = visit.progress;
  return {
    heading: visit.texts.enterCode,
    lead: html`<p>${fill(words.codeSent[channel], { to: sent?.shownAs ?? '' })}</p>`,
    form: html`
${field(codeField(visit, codeHint(visit, channel, 'second_factor')), fault, true)}
${mainButton('code-submit', words.confirm)}
${sideButton('resend', visit.texts.resend, 'quiet')}
${(second?.choices.length ?? 0) > 1 && sideButton('others', words.otherFactor)}`,
  };
}

async function check(parts: SecondCodeParts, visit: Visit, channel: Channel, code: string): Promise<Outcome> {
  const { userId } = visit.details;
  if (userId === undefined) return { go: '' };
  const redeemed = await parts.codes.redeem(
    visit,
    { channel, purpose: 'second_factor', subject: userId },
    code,
  );
  if ('problem' in redeemed) return redeemed;
  // Looked up again: the contact may be another one by now, or count as proved.
  const found = await parts.factors.find(visit, channel);
  const { to } = redeemed.right;
  if (!found || to === undefined || found.to !== to || redeemed.right.userId !== userId)
    return problem(401, visit.texts.wrongCode, { field: 'code' });
  return proveFactor(parts, visit, found.factor, provedBy(channel, to));
}
