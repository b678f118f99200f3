/** Who may sign up on the pages, and with what (authentication.md 2, oidc.md 3.1 `createNewUser`). */
import type { LoginIdentifier, ProfileField } from '../applications/hosted-login.ts';
import type { SignInRules } from '../sso/sign-in-policy.ts';
import type { Channel } from './progress.ts';
import type { Visit } from './visit.ts';
import type { Ways } from './ways.ts';

/** Never without the application's public sign-up; a management application has none. */
export const maySignUp = ({ application, hosted, details, rules }: Visit): boolean =>
  application.kind === 'end_user' &&
  application.settings.allow_public_signup &&
  (hosted.public_sign_up || details.createNewUser) &&
  (rules === undefined || isProof(rules));

/** A sign-up signs in, too: under a policy it has to set a password that may be used, or to prove what a method would. */
function isProof({ methods, identifiers }: SignInRules): boolean {
  const proof = contactFor(identifiers) === 'sms' ? 'sms_otp' : 'email_otp';
  return methods[0] === 'password' || methods.includes(proof);
}

const contactFor = (identifiers: readonly LoginIdentifier[]): Channel =>
  !identifiers.includes('email') && identifiers.includes('phone_number') ? 'sms' : 'email';

export interface SignUpForm {
  /** Where the code goes that confirms who signs up. */
  readonly contact: Channel;
  readonly asksUsername: boolean;
  readonly asksPassword: boolean;
  /** Asked for besides; all optional. */
  readonly fields: readonly ProfileField[];
}

const FIELD_OF = { email: 'email', sms: 'phone_number' } as const;
export const contactField = (channel: Channel): 'email' | 'phone_number' => FIELD_OF[channel];

export function signUpForm(visit: Visit, ways: Ways): SignUpForm {
  const { identifiers, sign_up_fields } = visit.hosted;
  const contact = contactFor(identifiers);
  return {
    contact,
    asksUsername: identifiers.every((kind) => kind === 'username'),
    asksPassword: ways.primary(visit) === 'password',
    fields: sign_up_fields.filter((name) => name !== contactField(contact)),
  };
}
