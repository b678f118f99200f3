/** A code by email or text message: sent when the way is chosen, typed on the page. Strangers get the page and no code. */
import { html } from '../http/html.ts';
import { fill } from '../texts/language.ts';
import type { Admission } from '../users/admission.ts';
import type { UserStore } from '../users/user-store.ts';
import { type ContactCodes, codeHint, type RightCode } from './contact-codes.ts';
import { codeField, field, mainButton, sideButton } from './form-parts.ts';
import type { Channel } from './progress.ts';
import { type Outcome, type Problem, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';
import type { Way, Ways } from './ways.ts';
import { cleanIdentifier, contactOf, provedBy, whoIsMeant } from './who-is-meant.ts';

export interface CodeStepParts {
  readonly codes: ContactCodes;
  readonly users: Pick<UserStore, 'findCandidate'>;
  readonly admission: Pick<Admission, 'signedIn'>;
}

const NAMES = { email: 'email-code', sms: 'sms-code' } as const;
const METHODS = { email: 'email_otp', sms: 'sms_otp' } as const;
const FACTORS = { email: 'eotp', sms: 'sms' } as const;

export const codeWay = (parts: CodeStepParts, channel: Channel): Way => ({
  method: METHODS[channel],
  start: (visit) => send(parts, visit, channel),
});

export const codeStep = (parts: CodeStepParts & { readonly ways: Ways }, channel: Channel): Step => ({
  name: NAMES[channel],
  isOpen: ({ progress }) => progress.sent?.channel === channel,
  show: (visit, fault) => show(visit, parts.ways, channel, fault),
  async submit(visit, fields) {
    const action = fields.get('action');
    if (action === 'methods') return { go: 'methods' };
    if (action === 'resend') return send(parts, visit, channel);
    return check(parts, visit, channel, fields.get('code') ?? '');
  },
});

async function send(parts: CodeStepParts, visit: Visit, channel: Channel): Promise<Outcome> {
  const typed = visit.progress.identifier ?? '';
  const identifier = cleanIdentifier(typed);
  const user = await whoIsMeant(parts.users, visit, identifier);
  const to = contactOf(user, channel);
  const subject = user?.userId ?? `?:${identifier.toLowerCase()}`;
  const userId = user?.userId;
  await parts.codes.send(visit, { channel, purpose: 'sign_in', subject, to, typed: identifier, userId });
  await visit.save({ sent: { channel, subject, shownAs: typed } });
  return { go: NAMES[channel] };
}

function show(visit: Visit, ways: Ways, channel: Channel, fault?: Problem): StepPage {
  const { texts, progress } = visit;
  return {
    heading: texts.enterCode,
    lead: html`<p>${fill(texts.codeSent[channel], { name: progress.sent?.shownAs ?? '' })}</p>`,
    form: html`
${field(codeField(visit, codeHint(visit, channel, 'sign_in')), fault, true)}
${mainButton('code-submit', texts.signIn)}
${sideButton('resend', texts.resend, 'quiet')}
${ways.offered(visit).length > 1 && sideButton('methods', texts.otherWays)}
${sideButton('restart', texts.restart)}`,
  };
}

async function check(parts: CodeStepParts, visit: Visit, channel: Channel, code: string): Promise<Outcome> {
  const { sent } = visit.progress;
  if (!sent) return { go: '' };
  const at = { channel, purpose: 'sign_in', subject: sent.subject } as const;
  const redeemed = await parts.codes.redeem(visit, at, code);
  return 'problem' in redeemed ? redeemed : admit(parts, visit, channel, redeemed.right);
}

async function admit(
  { admission }: CodeStepParts,
  visit: Visit,
  channel: Channel,
  { userId, to }: RightCode,
): Promise<Outcome> {
  const wrong = problem(401, visit.texts.wrongCode, { field: 'code' });
  if (userId === undefined || to === undefined) return wrong;
  const { tenantId, appId, sessionUid } = visit.details;
  const factor = FACTORS[channel];
  const arrival = { tenantId, appId, factor, ip: visit.ctx.ip, sessionUid };
  const user = await admission.signedIn(arrival, userId, provedBy(channel, to));
  return user ? { signedIn: user.userId, factors: [factor] } : wrong;
}
