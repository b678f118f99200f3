/** Sets up an authenticator app for somebody who has nothing for a second factor yet, and shows recovery codes once. */
import { senderOf } from '../applications/application-sender.ts';
import { AppError } from '../base/errors.ts';
import type { UserId } from '../base/ids.ts';
import { tellOwner } from '../factors/account-notice.ts';
import type { SignInMessages } from '../factors/sign-in-messages.ts';
import type { FactorOwner, StartedEnrolment, TotpService } from '../factors/totp-service.ts';
import { html } from '../http/html.ts';
import { qrCode } from '../http/qr-code.ts';
import type { Sealer } from '../keys/sealer.ts';
import { fill } from '../texts/language.ts';
import { SECOND_FACTOR_TEXTS } from '../texts/second-factor-texts.ts';
import type { Admission } from '../users/admission.ts';
import type { UserStore } from '../users/user-store.ts';
import { codeField, field, mainButton } from './form-parts.ts';
import { proveFactor } from './prove-factor.ts';
import type { SecondFactors } from './second-factors.ts';
import { type Outcome, type Problem, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';

export interface EnrolParts {
  readonly totp: Pick<TotpService, 'start' | 'confirm'>;
  readonly sealer: Pick<Sealer, 'seal' | 'open'>;
  readonly factors: SecondFactors;
  readonly admission: Pick<Admission, 'signedIn'>;
  readonly users: Pick<UserStore, 'find'>;
  readonly messages: Pick<SignInMessages, 'announce'>;
}

const ownerOf = ({ details: { tenantId, appId, userId } }: Visit): FactorOwner => ({
  tenantId,
  appId,
  userId: userId as UserId,
});
const contextOf = ({ details }: Visit): string => `enrolment of ${details.uid}`;

/** Makes a secret for the picture; it waits with the interaction, sealed. */
export async function beginEnrolment({ totp, sealer }: EnrolParts, visit: Visit): Promise<{ go: string }> {
  const started = await totp.start(ownerOf(visit));
  const enrolment = sealer.seal(JSON.stringify(started), contextOf(visit));
  await visit.save({ second: { choices: [], enrolment } });
  return { go: 'enrol' };
}

export const enrolAppStep = (parts: EnrolParts): Step => ({
  name: 'enrol',
  isOpen: ({ progress: { second } }) => second?.enrolment !== undefined || second?.isEnrolled === true,
  async show(visit, fault) {
    const started = pending(parts, visit);
    return started ? pictured(visit, started, fault) : shownOnce(visit);
  },
  async submit(visit, fields) {
    if (visit.progress.second?.isEnrolled) return proveFactor(parts, visit, 'otp');
    return confirm(parts, visit, fields.get('code') ?? '');
  },
});

function pending({ sealer }: EnrolParts, visit: Visit): StartedEnrolment | undefined {
  const { enrolment } = visit.progress.second ?? {};
  return enrolment === undefined ? undefined : JSON.parse(sealer.open(enrolment, contextOf(visit)));
}

async function pictured(visit: Visit, { uri, secret }: StartedEnrolment, fault?: Problem): Promise<StepPage> {
  const words = SECOND_FACTOR_TEXTS[visit.language];
  const picture = await qrCode(uri, words.picture);
  return {
    heading: words.enrolTitle,
    lead: html`<p>${fill(words.enrolLead, { app: visit.details.appName })}</p>
${picture}
<p><a href="${uri}">${words.openApp}</a></p>
<p>${words.typeKey} <span class="key" id="key">${inGroups(secret)}</span></p>`,
    form: html`
${field(codeField(visit, words.appHint), fault, true)}
${mainButton('code-submit', words.confirm)}`,
  };
}

const inGroups = (secret: string): string => secret.match(/.{1,4}/g)?.join(' ') ?? secret;

async function confirm(parts: EnrolParts, visit: Visit, code: string): Promise<Outcome> {
  const started = pending(parts, visit);
  // Somebody who has a factor by now must prove that one: the page may have stood open since before.
  if (!started || (await parts.factors.of(visit)).length > 0) return startOver(visit);
  try {
    const { recoveryCodes = [] } = await parts.totp.confirm(ownerOf(visit), started.totpId, code);
    await visit.save({ second: { choices: [], isEnrolled: true } });
    await tell(parts, visit);
    return { once: codesPage(visit, recoveryCodes) };
  } catch (error) {
    return refusal(parts, visit, error);
  }
}

/** As at the account pages: whoever did not do it learns of it. */
async function tell({ users, messages }: EnrolParts, visit: Visit): Promise<void> {
  const { application, language } = visit;
  const { tenantId, userId } = ownerOf(visit);
  const user = await users.find(tenantId, userId);
  if (user)
    await tellOwner(messages, { user, sender: senderOf(application), what: 'authenticatorAdded', language });
}

async function startOver(visit: Visit): Promise<Outcome> {
  await visit.save({ second: undefined });
  return { go: '' };
}

async function refusal(parts: EnrolParts, visit: Visit, error: unknown): Promise<Outcome> {
  if (!(error instanceof AppError)) throw error;
  const words = SECOND_FACTOR_TEXTS[visit.language];
  if (error.status === 400) return problem(401, words.wrongCode, { field: 'code' });
  if (error.status === 409) return startOver(visit);
  if (error.status !== 404) throw error;
  await beginEnrolment(parts, visit);
  return problem(400, words.enrolOver, { field: 'code' });
}

/** Sent in answer to the form and kept nowhere. */
function codesPage({ language }: Visit, codes: readonly string[]): StepPage {
  const words = SECOND_FACTOR_TEXTS[language];
  return {
    heading: words.keepTitle,
    lead: html`<p>${words.keepLead}</p>
<ul class="key" id="recovery-codes">${codes.map((code) => html`<li>${code}</li>`)}</ul>`,
    form: mainButton('codes-kept', words.kept),
  };
}

/** The page of the codes, opened again. */
function shownOnce({ language }: Visit): StepPage {
  const words = SECOND_FACTOR_TEXTS[language];
  return {
    heading: words.keepTitle,
    lead: html`<p>${words.shownOnce}</p>`,
    form: mainButton('codes-kept', words.kept),
  };
}
