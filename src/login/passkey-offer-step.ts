/** Offers a passkey to somebody who has just signed in; one button goes on without it, and needs no script. */
import { senderOf } from '../applications/application-sender.ts';
import { AppError } from '../base/errors.ts';
import type { UserId } from '../base/ids.ts';
import { tellOwner } from '../factors/account-notice.ts';
import { reauthenticationRequired } from '../factors/factor-faults.ts';
import { registrationAnswer } from '../factors/passkey-answer-schema.ts';
import type { OfferedTo, PasskeyOffer } from '../factors/passkey-offer.ts';
import type { PasskeyPlaces } from '../factors/passkey-places.ts';
import type { PasskeyRegistration } from '../factors/passkey-registration.ts';
import { isRecentSignIn } from '../factors/recent-sign-in.ts';
import type { SignInMessages } from '../factors/sign-in-messages.ts';
import { html } from '../http/html.ts';
import { parseObject } from '../http/json-body.ts';
import { ceremonyFields, ceremonyHead, PASSKEY_FIELD } from '../http/passkey-form.ts';
import type { InteractionDetails } from '../oidc/sessions/interaction.ts';
import { fill } from '../texts/language.ts';
import { PASSKEY_TEXTS } from '../texts/passkey-texts.ts';
import type { UserStore } from '../users/user-store.ts';
import { sideButton } from './form-parts.ts';
import { type Outcome, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';

export interface PasskeyOfferStepParts {
  readonly offer: Pick<PasskeyOffer, 'mayAdd' | 'decline'>;
  readonly places: Pick<PasskeyPlaces, 'ofHostedPages'>;
  readonly registration: Pick<PasskeyRegistration, 'start' | 'finish'>;
  readonly users: Pick<UserStore, 'find' | 'findMembership'>;
  readonly messages: Pick<SignInMessages, 'announce'>;
}

type Details = InteractionDetails & { readonly userId: UserId };

/** The engine asks nobody who is not signed in. */
const signedIn = (details: InteractionDetails): Details => {
  if (details.userId === undefined) throw new Error('a passkey is offered to somebody who is signed in');
  return { ...details, userId: details.userId };
};

export const passkeyOfferStep = (parts: PasskeyOfferStepParts): Step => ({
  name: '',
  isOpen: () => true,
  show: (visit) => show(parts, visit),
  async submit(visit, fields) {
    const details = signedIn(visit.details);
    if (fields.get('action') === 'not-now') {
      await parts.offer.decline(details);
      return { offerAnswered: true };
    }
    return add(parts, visit, fields.get(PASSKEY_FIELD) ?? '');
  },
});

/** By which the person knows the account, and which is nobody else's. */
async function nameOf({ users }: PasskeyOfferStepParts, details: Details): Promise<string> {
  const { tenantId, appId, userId } = details;
  const user = await users.find(tenantId, userId);
  const membership = await users.findMembership(tenantId, userId, appId);
  return user?.email ?? user?.phoneNumber ?? membership?.username ?? userId;
}

async function show(parts: PasskeyOfferStepParts, visit: Visit): Promise<StepPage> {
  const { language, details } = visit;
  const words = PASSKEY_TEXTS[language];
  const name = await nameOf(parts, signedIn(details));
  return {
    ...ceremonyHead,
    heading: words.offerTitle,
    lead: html`<p>${words.offerLead}</p><p>${fill(words.createLead, { app: details.appName, name })}</p>`,
    form: html`
${ceremonyFields(words, { mode: 'create', start: `/passkey-offer/${details.uid}/start` })}
${sideButton('not-now', words.notNow, 'quiet')}`,
    isPastSignIn: true,
  };
}

/** The page can stand open for longer than a sign-in is good for, and something else can have been added meanwhile. */
async function assertMayAdd({ offer }: PasskeyOfferStepParts, details: Details): Promise<void> {
  const { authenticatedAt } = details;
  const isRecent = authenticatedAt !== undefined && isRecentSignIn(authenticatedAt.getTime() / 1000);
  if (!isRecent || !(await offer.mayAdd(details satisfies OfferedTo))) throw reauthenticationRequired();
}

/** For the script of the page. @throws 403 where the session is not good for it any more */
export async function startOffered(parts: PasskeyOfferStepParts, found: InteractionDetails): Promise<object> {
  const details = signedIn(found);
  await assertMayAdd(parts, details);
  const place = await parts.places.ofHostedPages(details.tenantId, details.clientId);
  const { userId } = details;
  const username = await nameOf(parts, details);
  const { sessionId, options } = await parts.registration.start(place, { username, userId });
  return { webauthn_session_id: sessionId, options };
}

async function add(parts: PasskeyOfferStepParts, visit: Visit, given: string): Promise<Outcome> {
  const details = signedIn(visit.details);
  const { createFailed } = PASSKEY_TEXTS[visit.language];
  if (given === '') return problem(400, createFailed);
  try {
    await assertMayAdd(parts, details);
    const place = await parts.places.ofHostedPages(details.tenantId, details.clientId);
    await parts.registration.finish(
      place,
      registrationAnswer(parseObject(Buffer.from(given))),
      details.userId,
    );
  } catch (error) {
    // What is wrong with it is for those who build authenticators.
    if (!(error instanceof AppError) || error.status >= 500) throw error;
    return problem(error.status, createFailed);
  }
  await tell(parts, visit, details);
  return { offerAnswered: true };
}

/** As at the account pages: whoever did not do it learns of it. */
async function tell(parts: PasskeyOfferStepParts, visit: Visit, details: Details): Promise<void> {
  const { application, language } = visit;
  const user = await parts.users.find(details.tenantId, details.userId);
  if (user)
    await tellOwner(parts.messages, { user, sender: senderOf(application), what: 'passkeyAdded', language });
}
