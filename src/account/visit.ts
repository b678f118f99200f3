/** One request of a signed-in person to the account pages, and what a page of them is. */
import type { Context } from 'koa';
import type { TenantId, UserId } from '../base/ids.ts';
import type { FormFields } from '../http/form-guard.ts';
import type { Html } from '../http/html.ts';
import type { BrowserSession } from '../oidc/sessions/browser-session.ts';
import type { AccountTexts, DoneText } from '../texts/account-text-shape.ts';
import type { Language } from '../texts/language.ts';
import type { NamedMembership } from '../users/membership-list-store.ts';
import type { User } from '../users/user.ts';

export interface Visit {
  readonly ctx: Context;
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly session: BrowserSession;
  readonly user: User;
  /** Oldest first. */
  readonly memberships: readonly NamedMembership[];
  readonly language: Language;
  readonly t: AccountTexts;
  /** The hidden field of every form on the page. */
  readonly guard: Html;
}

/** What a form came back with: sentences, and what was typed. */
export interface Faults {
  readonly problems: readonly string[];
  readonly fields: FormFields;
  readonly status?: number;
}

export interface View {
  readonly title: string;
  readonly body: Html;
  /** Style sheet text for this page alone. */
  readonly style?: string;
  /** More for the head, and the CSP directives that it needs (passkeys). */
  readonly head?: (nonce: string) => Html;
  readonly policy?: (nonce: string) => readonly string[];
}

export type Outcome =
  /** The browser is sent to the page (or to `to`), which says that it is done. */
  | { readonly done: DoneText; readonly to?: string }
  | { readonly faults: Omit<Faults, 'fields'> }
  /** Shown at once: what must not be shown twice. */
  | { readonly view: View; readonly status?: number }
  /** The page has answered by itself. */
  | 'answered';

export interface AccountPage {
  /** Below `/account`; its forms are sent there, too. */
  readonly path: string;
  /** Which requests need a sign-in of the last ten minutes. */
  readonly recent: 'always' | 'to_change' | 'never';
  /** True where the page asks this person for the second factor by itself. */
  hasOwnProof?(visit: Visit): Promise<boolean>;
  show(visit: Visit, faults?: Faults): Promise<View>;
  submit?(visit: Visit, fields: FormFields): Promise<Outcome>;
  /** Answers the page's script at the path with `/start` behind it, after the same proof as a form. */
  start?(visit: Visit): Promise<object>;
}

export const faulty = (...problems: string[]): Outcome => ({ faults: { problems } });
