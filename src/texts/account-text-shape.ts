/** Which words the account pages need. */

export type DoneText =
  | 'saved'
  | 'codeSent'
  | 'cancelled'
  | 'confirmed'
  | 'primaryChanged'
  | 'added'
  | 'removed'
  | 'passwordChanged'
  | 'sessionEnded'
  | 'othersEnded'
  | 'withdrawn';

type PageName =
  | 'overview'
  | 'profile'
  | 'emails'
  | 'phones'
  | 'password'
  | 'authenticator'
  | 'passkeys'
  | 'sessions'
  | 'consents'
  | 'data'
  | 'delete';

type ProfileText =
  | 'title'
  | 'first_name'
  | 'middle_name'
  | 'last_name'
  | 'birthday'
  | 'language'
  | 'picture'
  | 'street_address'
  | 'postal_code'
  | 'city'
  | 'state'
  | 'country';

interface ContactText {
  readonly add: string;
  readonly label: string;
  readonly hint: string;
  readonly bad: string;
}

/** Words without a group of their own. */
type Word =
  | 'skip'
  | 'navigation'
  | 'signOut'
  | 'none'
  | 'save'
  | 'cancel'
  | 'remove'
  | 'confirm'
  | 'code'
  | 'since'
  | 'until'
  | 'addedAt'
  | 'lastUsed'
  | 'applications'
  | 'signedInSince'
  | 'security'
  | 'hasPassword'
  | 'hasNoPassword'
  | 'authenticatorCount'
  | 'passkeyCount'
  | 'nameLegend'
  | 'moreLegend'
  | 'addressLegend'
  | 'languageHint'
  | 'badText'
  | 'badField'
  | 'foreignForm'
  | 'notSignedIn'
  | 'signInEnded'
  | 'signInForeign'
  | 'primary'
  | 'confirmed'
  | 'unconfirmed'
  | 'makePrimary'
  | 'sendCode'
  | 'enterCode'
  | 'codeSent'
  | 'wrongCode'
  | 'lockedCode'
  | 'currentPassword'
  | 'newPassword'
  | 'newPasswordAgain'
  | 'passwordMeaning'
  | 'passwordEmpty'
  | 'passwordsDiffer'
  | 'wrongPassword'
  | 'lockedPassword'
  | 'authenticatorMeaning'
  | 'noAuthenticator'
  | 'authenticatorNotOffered'
  | 'addAuthenticator'
  | 'scan'
  | 'typeFirstCode'
  | 'qrLabel'
  | 'secretInstead'
  | 'proof'
  | 'proofHint'
  | 'proofMissing'
  | 'recoveryCodes'
  | 'recoveryCodesLeft'
  | 'newRecoveryCodes'
  | 'recoveryCodesMeaning'
  | 'codesKept'
  | 'passkeyMeaning'
  | 'synced'
  | 'addPasskey'
  | 'passkeyRefused'
  | 'badPasskeyName'
  | 'sessionsMeaning'
  | 'thisBrowser'
  | 'anotherBrowser'
  | 'endSession'
  | 'endOthers'
  | 'consentsMeaning'
  | 'withdraw'
  | 'dataMeaning'
  | 'download'
  | 'deleteMeaning'
  | 'typeToDelete'
  | 'deleteNotTyped'
  | 'deleteForGood'
  | 'deleted'
  | 'deletedMeaning';

/** Refusals of the services, by their code. */
type ErrorText = 'auth_invalid_credentials' | 'auth_locked' | 'identifier_taken' | 'too_many';

export interface AccountTexts extends Readonly<Record<Word, string>> {
  readonly pages: Readonly<Record<PageName, string>>;
  readonly fields: Readonly<Record<'name' | 'email' | 'phone', string>>;
  readonly profile: Readonly<Record<ProfileText, string>>;
  readonly contacts: Readonly<Record<'email' | 'phoneNumber', ContactText>>;
  readonly done: Readonly<Record<DoneText, string>>;
  readonly errors: Readonly<Record<ErrorText, string>>;
}
