/** Tells the owner of an account by mail what has changed about how they sign in. */
import type { ApplicationSender } from '../applications/application-sender.ts';
import { ACCOUNT_MAIL_TEXTS, type AccountMail } from '../texts/account-mail-texts.ts';
import type { Language } from '../texts/language.ts';
import type { User } from '../users/user.ts';
import type { SignInMessages } from './sign-in-messages.ts';

export interface AccountNews {
  /** As it was before: nobody else would learn that somebody took the account over. */
  readonly user: User;
  readonly sender: ApplicationSender;
  readonly what: AccountMail;
  readonly language: Language;
}

/** A notice is worth reading for some days. */
const MINUTES = 3 * 24 * 60;

/** What `SignInMessages.notice` and `announce` send; undefined for a user without a confirmed address. */
export function accountNotice({
  user,
  sender,
  what,
  language,
}: AccountNews): Parameters<SignInMessages['announce']> | undefined {
  if (user.email === undefined || user.emailVerifiedAt === undefined) return undefined;
  return [{ sender, to: user.email, language, minutes: MINUTES }, ACCOUNT_MAIL_TEXTS[language][what]];
}

export async function tellOwner(
  messages: Pick<SignInMessages, 'announce'>,
  news: AccountNews,
): Promise<void> {
  const notice = accountNotice(news);
  if (notice) await messages.announce(...notice);
}
