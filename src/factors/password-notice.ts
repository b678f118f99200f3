/** Tells the owner of an account by mail that the password is another one, in the name of the application (`notifyOnPasswordUpdate`). */
import { senderOf } from '../applications/application-sender.ts';
import { ApplicationStore } from '../applications/application-store.ts';
import type { Messages } from '../messages/message.ts';
import { chooseLanguage } from '../texts/language.ts';
import type { GuessLimiter } from '../users/guess-limiter.ts';
import type { OnPasswordUpdated } from '../users/password-service.ts';
import { SignInMessages } from './sign-in-messages.ts';

/** A day: later the news is none. */
const MINUTES = 1440;

/** Nothing for a user without an email, or where no application is named. */
export const passwordNotice =
  (parts: { readonly messages: Messages; readonly limiter: GuessLimiter }): OnPasswordUpdated =>
  async (db, user, appId) => {
    if (user.email === undefined || appId === undefined) return;
    // In the transaction, like all of it: the embedded database has one connection, which the transaction holds.
    const application = await new ApplicationStore(db).find(user.tenantId, appId);
    if (!application) return;
    await new SignInMessages({ ...parts, db }).passwordChanged({
      sender: senderOf(application),
      to: user.email,
      language: chooseLanguage([user.profile.language ?? ''], ''),
      minutes: MINUTES,
    });
  };
