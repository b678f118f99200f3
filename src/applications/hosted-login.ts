/** How an application's hosted login pages look and what they offer (authentication.md 2). */

export const IDENTIFIERS = ['email', 'phone_number', 'username'] as const;
export type LoginIdentifier = (typeof IDENTIFIERS)[number];
export const PRIMARY_METHODS = ['password', 'email_otp', 'sms_otp', 'magic_link', 'passkey'] as const;
export type LoginMethod = (typeof PRIMARY_METHODS)[number];
export const PROFILE_FIELDS = ['first_name', 'last_name', 'email', 'phone_number', 'birthday'] as const;
export type ProfileField = (typeof PROFILE_FIELDS)[number];

/** The stored document, under its public names; the member itself is ours. */
export interface HostedLogin {
  identifiers: LoginIdentifier[];
  /** Identifier alone first, or together with the password on one page. */
  first_page: 'identifier' | 'identifier_and_password';
  primary_method: LoginMethod;
  /** Offered besides the primary one. */
  secondary_methods: LoginMethod[];
  /** `required` asks every user for a second factor; the API family is bound to it, too. */
  mfa: 'off' | 'required';
  /** Subject to the application's allow_public_signup. */
  public_sign_up: boolean;
  /** Asked for at sign-up, all optional for the person. */
  sign_up_fields: ProfileField[];
  forgotten_password: boolean;
  /** Whoever has no passkey is asked after a sign-in whether to add one, where the application has `webauthn_api`. */
  passkey_offer: boolean;
  /** `#rrggbb`; empty for the house colour. */
  primary_color: string;
}

export const DEFAULT_HOSTED_LOGIN: Readonly<HostedLogin> = {
  identifiers: ['email', 'phone_number', 'username'],
  first_page: 'identifier_and_password',
  primary_method: 'password',
  secondary_methods: ['passkey', 'sms_otp', 'email_otp', 'magic_link'],
  mfa: 'off',
  public_sign_up: true,
  sign_up_fields: [],
  forgotten_password: true,
  passkey_offer: true,
  primary_color: '',
};

/** The identifiers as users/ names them. */
export const LOGIN_KINDS = {
  email: 'email',
  phone_number: 'phoneNumber',
  username: 'username',
} as const satisfies Record<LoginIdentifier, string>;
