/** A link by email that signs in the browser which asked for it, once; any other browser learns and changes nothing. */
import { senderOf } from '../applications/application-sender.ts';
import { magicLinkSettings } from '../applications/sign-in-settings.ts';
import type { UserId } from '../base/ids.ts';
import type { OneTimeLinks } from '../factors/one-time-link.ts';
import type { SignInMessages } from '../factors/sign-in-messages.ts';
import { NOBODY } from '../factors/unsent-messages.ts';
import { html } from '../http/html.ts';
import { fill } from '../texts/language.ts';
import type { Admission } from '../users/admission.ts';
import type { UserStore } from '../users/user-store.ts';
import { sideButton } from './form-parts.ts';
import { plainNotice } from './login-frame.ts';
import { type Outcome, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';
import type { Way, Ways } from './ways.ts';
import { cleanIdentifier, whoIsMeant } from './who-is-meant.ts';

export interface LinkStepParts {
  readonly links: OneTimeLinks;
  readonly messages: SignInMessages;
  readonly unsent: SignInMessages;
  readonly users: Pick<UserStore, 'findCandidate'>;
  readonly admission: Pick<Admission, 'signedIn'>;
  /** The configured public address: a request's headers never make a link. */
  readonly origin: string;
}

interface Payload {
  readonly uid: string;
  readonly userId?: UserId;
  readonly email?: string;
}

const PURPOSE = 'hosted_sign_in';

export const linkWay = (parts: LinkStepParts): Way => ({
  method: 'magic_link',
  start: (visit) => send(parts, visit),
});

export const linkStep = (parts: LinkStepParts & { readonly ways: Ways }): Step => ({
  name: 'link',
  isOpen: ({ progress }) => progress.linkSentTo !== undefined,
  // A link may be older than the rules under which it is opened.
  arrive: async (visit) => (parts.ways.offers(visit, 'magic_link') ? arrive(parts, visit) : undefined),
  strangerPage: (texts, lang) => plainNotice(lang, texts.linkElsewhere),
  show: (visit) => show(visit, parts.ways),
  async submit(visit, fields) {
    return fields.get('action') === 'methods' ? { go: 'methods' } : send(parts, visit);
  },
});

async function send(parts: LinkStepParts, visit: Visit): Promise<Outcome> {
  const { details, application, language } = visit;
  const typed = visit.progress.identifier ?? '';
  const identifier = cleanIdentifier(typed);
  const user = await whoIsMeant(parts.users, visit, identifier);
  const { expiresInMinutes: minutes, linksPerUserAndMinute, message } = magicLinkSettings(application);
  const rate = { perMinute: linksPerUserAndMinute };
  await parts.messages.assertNotAskedTooOften(details.tenantId, identifier, rate);
  // Strangers are counted alike, so that it takes the same time.
  const mayReceive = await parts.messages.mayReceive(
    details.tenantId,
    user?.email ?? `?:${identifier}`,
    rate,
  );
  const email = mayReceive ? user?.email : undefined;
  const secret = await parts.links.issue<Payload>({
    tenantId: details.tenantId,
    purpose: PURPOSE,
    minutes,
    payload: { uid: details.uid, ...(user && email !== undefined && { userId: user.userId, email }) },
  });
  const messages = email === undefined ? parts.unsent : parts.messages;
  await messages.mail({
    sender: senderOf(application),
    to: email ?? NOBODY.email,
    language,
    minutes,
    kind: 'link',
    link: `${parts.origin}/login/${details.uid}/link?secret=${secret}`,
    message,
  });
  await visit.save({ linkSentTo: typed });
  return { go: 'link' };
}

/** The link was opened. Without a secret it is the waiting page. */
async function arrive(parts: LinkStepParts, visit: Visit): Promise<Outcome | undefined> {
  const { secret } = visit.ctx.query;
  if (typeof secret !== 'string') return undefined;
  const { tenantId, appId, uid, sessionUid } = visit.details;
  const found = await parts.links.find<Payload>(tenantId, PURPOSE, secret);
  // Another interaction's link is not used up here: it is still good where it belongs.
  const isOwn = found?.uid === uid && (await parts.links.redeem(tenantId, PURPOSE, secret)) !== undefined;
  const arrival = { tenantId, appId, factor: 'eml', ip: visit.ctx.ip, sessionUid };
  const { userId, email } = isOwn ? found : {};
  const user =
    userId !== undefined &&
    email !== undefined &&
    (await parts.admission.signedIn(arrival, userId, { email }));
  return user ? { signedIn: user.userId, factors: ['eml'] } : problem(400, visit.texts.linkOver);
}

function show(visit: Visit, ways: Ways): StepPage {
  const { texts, progress, application } = visit;
  const name = progress.linkSentTo;
  const minutes = magicLinkSettings(application).expiresInMinutes;
  if (name === undefined)
    return { heading: texts.openLink, form: sideButton('restart', texts.signIn, 'quiet') };
  return {
    heading: texts.openLink,
    lead: html`<p>${fill(texts.linkSent, { name })}</p><p>${fill(texts.linkHint, { minutes })}</p>`,
    form: html`
${sideButton('resend', texts.resendLink, 'quiet')}
${ways.offered(visit).length > 1 && sideButton('methods', texts.otherWays)}
${sideButton('restart', texts.restart)}`,
  };
}
