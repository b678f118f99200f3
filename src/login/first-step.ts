/** The first page: who signs in, and, where the application has it so, the password on the same page. */
import type { FormFields } from '../http/form-guard.ts';
import { html } from '../http/html.ts';
import { ceremonyHead, conditionalField, PASSKEY_FIELD } from '../http/passkey-form.ts';
import { fill } from '../texts/language.ts';
import { PASSKEY_TEXTS } from '../texts/passkey-texts.ts';
import type { UserStore } from '../users/user-store.ts';
import { checkPasskey, type PasskeyParts } from './check-passkey.ts';
import { checkPassword, type PasswordParts } from './check-password.ts';
import { field, identifierField, mainButton, sideButton } from './form-parts.ts';
import { startPath } from './passkey-start-router.ts';
import { maySignUp } from './sign-up-rules.ts';
import { type Outcome, type Problem, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';
import type { Ways } from './ways.ts';
import { nameOf } from './who-is-meant.ts';

export interface FirstParts extends PasswordParts, PasskeyParts {
  readonly ways: Ways;
  readonly users: Pick<UserStore, 'find' | 'findMembership'>;
}

export const firstStep = (parts: FirstParts): Step => ({
  name: '',
  isOpen: () => true,
  // Asked for by name (oidc.md 3.1): the passkey comes first, and the other ways are one button away.
  async arrive(visit) {
    const isDirect = visit.details.wantsPasskey && visit.progress.open === undefined;
    return isDirect && parts.ways.offers(visit, 'passkey') ? { go: 'passkey' } : undefined;
  },
  show: (visit, fault) => show(parts, visit, fault),
  submit: (visit, fields) => submit(parts, visit, fields),
});

/** Whose session this browser has. It never signs anybody in by itself: the engine has asked for authentication. */
async function sessionName({ users }: FirstParts, visit: Visit): Promise<string | undefined> {
  const { tenantId, appId, userId } = visit.details;
  if (userId === undefined || visit.progress.another) return undefined;
  const user = await users.find(tenantId, userId);
  const membership = await users.findMembership(tenantId, userId, appId);
  return user && nameOf(user, membership?.username, visit);
}

async function show(parts: FirstParts, visit: Visit, fault?: Problem): Promise<StepPage> {
  const { details, progress, texts, language } = visit;
  const typed = fault?.typed?.identifier ?? progress.identifier ?? details.loginHint;
  const known = await sessionName(parts, visit);
  const isOnePage = parts.ways.isOnePage(visit);
  if (!isOnePage && known !== undefined && !typed && !fault) return accountPage(visit, known);
  const identifier = typed ?? known;
  const hasPasskeys = parts.ways.offers(visit, 'passkey');
  const who = identifierField(visit, identifier);
  const isFilled = identifier !== undefined && identifier !== '';
  return {
    ...(hasPasskeys && ceremonyHead),
    heading: texts.signIn,
    ...(known !== undefined && { lead: html`<p>${fill(texts.signedInAs, { name: known })}</p>` }),
    form: html`
${hasPasskeys && conditionalField(startPath('login', details.uid))}
${field(hasPasskeys ? { ...who, autocomplete: 'username webauthn' } : who, fault, !isFilled || !isOnePage)}
${isOnePage && field(PASSWORD(texts.password), fault, isFilled)}
${mainButton('login-submit', isOnePage ? texts.signIn : texts.next)}
${hasPasskeys && sideButton('passkey', PASSKEY_TEXTS[language].use, 'quiet')}
${isOnePage && parts.ways.offered(visit).length > 1 && sideButton('methods', texts.otherWays, 'quiet')}
${isOnePage && visit.hosted.forgotten_password && sideButton('forgot', texts.forgotPassword)}
${maySignUp(visit) && sideButton('sign-up', texts.createAccount)}
${known !== undefined && sideButton('restart', texts.restart)}`,
  };
}

const PASSWORD = (label: string) =>
  ({
    id: 'password',
    label,
    type: 'password',
    autocomplete: 'current-password',
    maxlength: 256,
  }) as const;

/** Account choice; whichever is chosen, the person still has to prove it. */
const accountPage = ({ texts }: Visit, name: string): StepPage => ({
  heading: texts.chooseAccount,
  form: html`
<button type="submit" name="action" value="continue" id="login-continue">${fill(texts.continueAs, { name })}</button>
${sideButton('restart', texts.restart, 'quiet')}`,
});

async function submit(parts: FirstParts, visit: Visit, fields: FormFields): Promise<Outcome> {
  const action = fields.get('action');
  const typed = (fields.get('identifier') ?? '').trim();
  const answer = fields.get(PASSKEY_FIELD) ?? '';
  if (answer !== '' && parts.ways.offers(visit, 'passkey')) return checkPasskey(parts, visit, answer);
  if (action === 'passkey') return { go: 'passkey' };
  if (action === 'continue') return begin(parts, visit, (await sessionName(parts, visit)) ?? '');
  if (action === 'forgot' || action === 'sign-up') {
    await visit.save({ identifier: typed === '' ? undefined : typed });
    return { go: action === 'forgot' ? 'forgotten' : 'sign-up' };
  }
  if (action === 'methods' && typed !== '') {
    await visit.save({ identifier: typed });
    return { go: 'methods' };
  }
  if (parts.ways.isOnePage(visit) && action !== 'methods')
    return checkPassword(parts, visit, typed, fields.get('password') ?? '');
  return begin(parts, visit, typed);
}

async function begin({ ways }: FirstParts, visit: Visit, identifier: string): Promise<Outcome> {
  if (identifier === '') return problem(400, visit.texts.noIdentifier, { field: 'identifier' });
  await visit.save({ identifier });
  return ways.start(visit, ways.primary(visit));
}
