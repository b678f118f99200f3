/** Which words the hosted sign-in pages need. Names in braces are filled in. */

export interface NoticeTexts {
  readonly title: string;
  readonly sentences: readonly string[];
}
type ByChannel = Readonly<Record<'email' | 'sms', string>>;

export interface LoginTexts {
  // Every page.
  readonly continueTo: string;
  /** Title of a page with a problem. */
  readonly check: string;
  readonly cancel: string;
  readonly restart: string;
  readonly next: string;
  readonly otherWays: string;
  readonly closed: NoticeTexts;
  readonly foreign: string;
  readonly unusable: string;
  readonly tooBusy: string;
  readonly tooOften: string;
  readonly locked: string;
  readonly lockedMinute: string;
  // First page and password.
  readonly signIn: string;
  /** By the identifiers that are taken, in the order email, phone_number, username, joined by `+`. */
  readonly identifiers: Readonly<Record<string, string>>;
  readonly password: string;
  readonly noIdentifier: string;
  readonly emptySignIn: string;
  readonly wrongPassword: string;
  readonly forgotPassword: string;
  readonly createAccount: string;
  readonly signedInAs: string;
  readonly chooseAccount: string;
  readonly continueAs: string;
  readonly enterPassword: string;
  readonly signingInAs: string;
  // Codes and links.
  readonly enterCode: string;
  readonly code: string;
  readonly codeSent: ByChannel;
  readonly codeHint: string;
  readonly resend: string;
  readonly wrongCode: string;
  readonly expiredCode: string;
  readonly openLink: string;
  readonly linkSent: string;
  readonly linkHint: string;
  readonly resendLink: string;
  readonly linkOver: string;
  readonly linkElsewhere: NoticeTexts;
  readonly chooseMethod: string;
  readonly methods: Readonly<Record<string, string>>;
  // Sign-up.
  readonly signUp: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly optional: string;
  readonly newPassword: string;
  readonly passwordHint: string;
  readonly badEmail: string;
  readonly badPhone: string;
  readonly badUsername: string;
  readonly badBirthday: string;
  readonly badName: string;
  readonly confirmContact: string;
  readonly confirmSent: ByChannel;
  readonly identifierTaken: string;
  readonly tooManySignUps: string;
  readonly haveAccount: string;
  // Forgotten and outdated passwords.
  readonly resetTitle: string;
  readonly resetLead: string;
  readonly resetBy: ByChannel;
  readonly chooseNewPassword: string;
  readonly savePassword: string;
  readonly resetOver: string;
  readonly changeTitle: string;
  readonly changeLead: Readonly<Record<'expired' | 'temporary', string>>;
  readonly currentPassword: string;
  readonly wrongCurrent: string;
  readonly samePassword: string;
}
