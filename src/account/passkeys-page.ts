/** The passkeys of the person: seen and removed. They are added where a browser can be asked for one. */
import type { PasskeyList } from '../factors/passkey-list.ts';
import { html } from '../http/html.ts';
import { form, moment, problems } from './form-parts.ts';
import type { AccountPage, Visit } from './visit.ts';

interface Parts {
  readonly passkeys: Pick<PasskeyList, 'list' | 'remove'>;
  readonly tell: (visit: Visit, what: 'passkeyRemoved') => Promise<void>;
}

const PATH = '/account/passkeys';

export const passkeysPage = ({ passkeys, tell }: Parts): AccountPage => ({
  path: PATH,
  recent: 'to_change',
  async show(visit, faults) {
    const { t, tenantId, userId, language } = visit;
    const list = await passkeys.list(tenantId, userId);
    const items = list.map(
      (
        one,
      ) => html`<li><p><strong>${one.username}</strong> <span class="soft">${one.rpId}${one.backedUp && ` · ${t.synced}`}</span></p>
<p class="soft">${t.addedAt} ${moment(language, one.createdAt)}${one.lastUsedAt && html`, ${t.lastUsed} ${moment(language, one.lastUsedAt)}`}</p>
${form(visit, PATH, { verb: 'remove', button: t.remove, quiet: true, about: one.username, hidden: { id: one.credentialId } })}</li>`,
    );
    return {
      title: t.pages.passkeys,
      body: html`<p>${t.passkeyMeaning}</p>${problems(faults)}
${list.length === 0 ? html`<p>${t.none}</p>` : html`<ul class="things">${items}</ul>`}
<p><a href="${PATH}/add">${t.addPasskey}</a></p>`,
    };
  },
  async submit(visit, fields) {
    await passkeys.remove(visit.tenantId, visit.userId, fields.get('id') ?? '');
    await tell(visit, 'passkeyRemoved');
    return { done: 'removed' };
  },
});

export const addPasskeyPage = (): AccountPage => ({
  path: `${PATH}/add`,
  recent: 'never',
  show: async ({ t }) => ({
    title: t.addPasskey,
    body: html`<p>${t.passkeyLater}</p><p><a href="${PATH}">${t.pages.passkeys}</a></p>`,
  }),
});
