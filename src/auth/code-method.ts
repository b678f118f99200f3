/** By mail or by text message: the settings of a code, whom it reaches, and what it proves. */
import type { Application } from '../applications/application.ts';
import { type CodeSettings, emailCodeSettings, smsCodeSettings } from '../applications/sign-in-settings.ts';
import { TextCodeError } from '../base/text-code-error.ts';
import type { Factor } from '../factors/factor.ts';
import type { ProvedContact } from '../users/proved-contact.ts';
import { normalEmail, type User } from '../users/user.ts';
import type { SendOtp } from './otp-backend-schema.ts';

export interface CodeMethod {
  readonly name: 'email_otp' | 'sms';
  readonly factor: Extract<Factor, 'eotp' | 'sms'>;
  readonly settings: CodeSettings;
  contactOf(address: string): ProvedContact;
}

export const codeMethods = (application: Application): readonly [email: CodeMethod, sms: CodeMethod] => [
  {
    name: 'email_otp',
    factor: 'eotp',
    settings: emailCodeSettings(application),
    contactOf: (email) => ({ email }),
  },
  {
    name: 'sms',
    factor: 'sms',
    settings: smsCodeSettings(application),
    contactOf: (phoneNumber) => ({ phoneNumber }),
  },
];

/** A code that the caller delivers itself counts as the way that the identifier names, else as the one that is set up. */
export function codeMethod(application: Application, { channel, identifier_type }: SendOtp): CodeMethod {
  const [email, sms] = codeMethods(application);
  if (channel !== 'direct') return channel === 'sms' ? sms : email;
  const isPhone = identifier_type === 'phone_number';
  const [first, second] = isPhone ? [sms, email] : [email, sms];
  return first.settings.configured ? first : second;
}

/** @throws 404 in the words of section 4 for a user whom nothing reaches this way */
export function recipientOf({ name }: CodeMethod, user: User, body: SendOtp): string {
  const to =
    name === 'sms' ? (body.custom_phone_number ?? user.phoneNumber) : (body.custom_email ?? user.email);
  if (to === undefined)
    throw name === 'sms'
      ? new TextCodeError(404, 'user_phone_number_missing', 'The user has no phone number')
      : new TextCodeError(404, 'user_email_address_missing', 'The user has no email address');
  return name === 'sms' ? to : normalEmail(to);
}
