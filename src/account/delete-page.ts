/** The end of the account: typed, after a fresh sign-in, and told by mail. */
import { html, sendPage } from '../http/html.ts';
import { notice } from '../http/layout.ts';
import type { SessionControl } from '../oidc/sessions/session-control.ts';
import { fill } from '../texts/language.ts';
import type { OwnAccount } from '../users/own-account.ts';
import type { ContactMessages } from './contact-messages.ts';
import { field, form, problems } from './form-parts.ts';
import { type AccountPage, faulty, type Visit } from './visit.ts';

interface Parts {
  readonly account: OwnAccount;
  readonly sessions: Pick<SessionControl, 'endAll'>;
  readonly messages: Pick<ContactMessages, 'tell' | 'flushed'>;
}

const PATH = '/account/delete';

/** What the person has to type: their own name for the account. */
const nameOf = ({ user, memberships }: Visit): string =>
  user.email ??
  user.phoneNumber ??
  memberships.find(({ username }) => username !== undefined)?.username ??
  user.userId;

export const deletePage = ({ account, sessions, messages }: Parts): AccountPage => ({
  path: PATH,
  recent: 'always',
  async show(visit, faults) {
    const { t } = visit;
    return {
      title: t.pages.delete,
      body: html`<p>${t.deleteMeaning}</p>${problems(faults)}${form(visit, PATH, {
        verb: 'delete',
        button: t.deleteForGood,
        body: field('delete', {
          name: 'confirmation',
          label: fill(t.typeToDelete, { name: nameOf(visit) }),
          required: true,
        }),
      })}`,
    };
  },
  async submit(visit, fields) {
    const { t, ctx, tenantId, userId, language } = visit;
    if ((fields.get('confirmation') ?? '').trim().toLowerCase() !== nameOf(visit).toLowerCase())
      return faulty(t.deleteNotTyped);
    // First the sessions: whoever else has them open sees no half-deleted account.
    await sessions.endAll(userId);
    await account.delete(tenantId, userId, (db, user) => messages.tell(db, user, 'accountDeleted', language));
    messages.flushed();
    sendPage(ctx, 200, notice(language, t.deleted, t.deletedMeaning));
    return 'answered';
  },
});
