/** Tells the owner of an account by mail that what others had set for signing in is gone, in the name of the application. */
import { senderOf } from '../applications/application-sender.ts';
import { ApplicationStore } from '../applications/application-store.ts';
import { withHouse } from '../applications/house-application.ts';
import type { Messages } from '../messages/message.ts';
import { chooseLanguage } from '../texts/language.ts';
import type { OnCredentialsRemoved } from '../users/first-proof.ts';
import type { GuessLimiter } from '../users/guess-limiter.ts';
import { SignInMessages } from './sign-in-messages.ts';

/** Some days: it says why a password is not good any more. */
const MINUTES = 3 * 24 * 60;

/** Nothing for a user without an email. */
export const credentialsNotice =
  (parts: {
    readonly messages: Messages;
    readonly limiter: GuessLimiter;
    readonly houseName: () => string;
  }): OnCredentialsRemoved =>
  async (db, user, appId) => {
    if (user.email === undefined || appId === undefined) return;
    // In the transaction, like all of it: the embedded database has one connection, which the transaction holds.
    const application = await withHouse(new ApplicationStore(db), parts.houseName).find(user.tenantId, appId);
    if (!application) return;
    await new SignInMessages({ ...parts, db }).credentialsRemoved({
      sender: senderOf(application),
      to: user.email,
      language: chooseLanguage([user.profile.language ?? ''], ''),
      minutes: MINUTES,
    });
  };
