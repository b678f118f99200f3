/** Builds the list of the account pages out of the parts of the house. */

import type { Application } from '../applications/application.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { TrailStore } from '../audit/trail-store.ts';
import type { AppId, ClientId, TenantId } from '../base/ids.ts';
import type { ConsentService } from '../consents/consent-service.ts';
import type { ConsentStore } from '../consents/consent-store.ts';
import type { OneTimeCodes } from '../factors/one-time-code.ts';
import type { PasskeyList } from '../factors/passkey-list.ts';
import type { PasskeyPlaces } from '../factors/passkey-places.ts';
import type { PasskeyRegistration } from '../factors/passkey-registration.ts';
import type { SignInMessages } from '../factors/sign-in-messages.ts';
import type { TotpService } from '../factors/totp-service.ts';
import type { BackendSignInDoor } from '../oidc/sessions/backend-sign-in.ts';
import type { SessionControl } from '../oidc/sessions/session-control.ts';
import type { Database } from '../storage/database.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import type { AccountMail } from '../texts/account-mail-texts.ts';
import type { GuessLimiter } from '../users/guess-limiter.ts';
import type { OwnAccount } from '../users/own-account.ts';
import type { OwnContacts } from '../users/own-contacts.ts';
import type { OwnProfile } from '../users/own-profile.ts';
import type { PasswordSettings } from '../users/password-policy.ts';
import type { PasswordRules } from '../users/password-rules.ts';
import type { PasswordService } from '../users/password-service.ts';
import { addPasskeyPage } from './add-passkey-page.ts';
import { authenticatorPage } from './authenticator-page.ts';
import { consentsPage } from './consents-page.ts';
import { ContactCodes } from './contact-codes.ts';
import { ContactMessages } from './contact-messages.ts';
import { contactsPage } from './contacts-page.ts';
import { dataPage } from './data-page.ts';
import { deletePage } from './delete-page.ts';
import { overviewPage } from './overview-page.ts';
import { passkeysPage } from './passkeys-page.ts';
import { passwordPage } from './password-page.ts';
import { profilePage } from './profile-page.ts';
import { sessionsPage } from './sessions-page.ts';
import type { AccountPage, Visit } from './visit.ts';

export interface AccountPagesParts {
  readonly tenantId: TenantId;
  readonly houseName: () => string;
  readonly db: Database;
  readonly audit: AuditLog;
  readonly ephemeral: EphemeralStore;
  readonly codes: OneTimeCodes;
  readonly limiter: GuessLimiter;
  readonly signInMessages: SignInMessages;
  readonly passwords: PasswordService;
  readonly passwordRules: PasswordRules;
  readonly passwordSettingsOf: (tenantId: TenantId, appId: AppId) => Promise<PasswordSettings>;
  readonly profiles: OwnProfile;
  readonly contacts: OwnContacts;
  readonly account: OwnAccount;
  readonly totp: TotpService;
  readonly passkeys: PasskeyList;
  readonly passkeyPlaces: Pick<PasskeyPlaces, 'ofHouse'>;
  readonly passkeyRegistration: Pick<PasskeyRegistration, 'start' | 'finish'>;
  readonly sessions: SessionControl;
  readonly backend: BackendSignInDoor;
  readonly consents: ConsentService;
  readonly storedConsents: ConsentStore;
  readonly trail: TrailStore;
  readonly applications: { find(tenantId: TenantId, appId: AppId): Promise<Application | undefined> };
  readonly findClient: (
    tenantId: TenantId,
    clientId: ClientId,
  ) => Promise<{ readonly name: string } | undefined>;
}

export function accountPages(parts: AccountPagesParts): AccountPage[] {
  const messages = new ContactMessages({ ...parts, messages: parts.signInMessages });
  const tell = async ({ user, language }: Visit, what: AccountMail): Promise<void> => {
    await messages.tell(parts.db, user, what, language);
    messages.flushed();
  };
  const ofContacts = { contacts: parts.contacts, codes: new ContactCodes(parts), messages };
  const stored = parts.storedConsents;
  return [
    overviewPage(parts),
    profilePage(parts),
    contactsPage(ofContacts, 'email'),
    contactsPage(ofContacts, 'phoneNumber'),
    passwordPage({
      ...parts,
      rules: parts.passwordRules,
      settingsOf: parts.passwordSettingsOf,
      tellChanged: (visit) => tell(visit, 'passwordChanged'),
    }),
    authenticatorPage({ ...parts, tell }),
    passkeysPage({ ...parts, tell }),
    addPasskeyPage({
      ...parts,
      places: parts.passkeyPlaces,
      registration: parts.passkeyRegistration,
      tellAdded: (visit) => tell(visit, 'passkeyAdded'),
    }),
    sessionsPage(parts),
    consentsPage({ consents: parts.consents, stored }),
    dataPage({ ...parts, stored }),
    deletePage({ ...parts, messages }),
  ];
}
