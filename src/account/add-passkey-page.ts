/** Makes a passkey of the hosted pages for the person, with the script that asks the browser for it. */
import { AppError } from '../base/errors.ts';
import { registrationAnswer } from '../factors/passkey-answer-schema.ts';
import type { PasskeyPlaces } from '../factors/passkey-places.ts';
import type { PasskeyRegistration } from '../factors/passkey-registration.ts';
import type { FormFields } from '../http/form-guard.ts';
import { html } from '../http/html.ts';
import { parseObject } from '../http/json-body.ts';
import { ceremonyFields, ceremonyHead, PASSKEY_FIELD } from '../http/passkey-form.ts';
import { fill } from '../texts/language.ts';
import { PASSKEY_TEXTS } from '../texts/passkey-texts.ts';
import { problems } from './form-parts.ts';
import { type AccountPage, type Faults, faulty, type Outcome, type View, type Visit } from './visit.ts';

interface Parts {
  readonly houseName: () => string;
  readonly places: Pick<PasskeyPlaces, 'ofHouse'>;
  readonly registration: Pick<PasskeyRegistration, 'start' | 'finish'>;
  /** Word of the change to the user's address. */
  readonly tellAdded: (visit: Visit) => Promise<void>;
}

const LIST = '/account/passkeys';
const PATH = `${LIST}/add`;

export const addPasskeyPage = (parts: Parts): AccountPage => ({
  path: PATH,
  // Before the device is asked for anything: what it makes would have to be thrown away.
  recent: 'always',
  show: async (visit, faults) => view(parts, visit, faults),
  start: (visit) => start(parts, visit),
  submit: (visit, fields) => finish(parts, visit, fields),
});

/** By which the person knows the account, and which is nobody else's. */
const nameOf = ({ user, memberships, userId }: Visit): string =>
  user.email ?? user.phoneNumber ?? memberships.find(({ username }) => username)?.username ?? userId;

function view({ houseName }: Parts, visit: Visit, faults?: Faults): View {
  const { t, language, guard } = visit;
  const words = PASSKEY_TEXTS[language];
  return {
    title: t.addPasskey,
    ...ceremonyHead,
    body: html`<p>${fill(words.createLead, { app: houseName(), name: nameOf(visit) })}</p>${problems(faults)}
<form method="post" action="${PATH}">
${guard}<input type="hidden" name="do" value="add">
${ceremonyFields(words, { mode: 'create', start: `${PATH}/start` })}
</form>
<p><a href="${LIST}">${t.pages.passkeys}</a></p>`,
  };
}

async function start({ places, registration }: Parts, visit: Visit): Promise<object> {
  const { sessionId, options } = await registration.start(places.ofHouse(visit.tenantId), {
    username: nameOf(visit),
    userId: visit.userId,
  });
  return { webauthn_session_id: sessionId, options };
}

async function finish(
  { places, registration, tellAdded }: Parts,
  visit: Visit,
  fields: FormFields,
): Promise<Outcome> {
  const given = fields.get(PASSKEY_FIELD) ?? '';
  if (given === '') return faulty(PASSKEY_TEXTS[visit.language].createFailed);
  try {
    const answer = registrationAnswer(parseObject(Buffer.from(given)));
    await registration.finish(places.ofHouse(visit.tenantId), answer, visit.userId);
  } catch (error) {
    // What is wrong with it is for those who build authenticators.
    if (!(error instanceof AppError) || error.status >= 500) throw error;
    return faulty(visit.t.passkeyRefused);
  }
  await tellAdded(visit);
  return { done: 'added', to: LIST };
}
