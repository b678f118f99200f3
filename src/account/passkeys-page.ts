/** The passkeys of the person: seen, named and removed. */
import type { PasskeyList } from '../factors/passkey-list.ts';
import type { FormFields } from '../http/form-guard.ts';
import { type Html, html } from '../http/html.ts';
import type { Passkey } from '../users/passkey-store.ts';
import { field, form, moment, problems } from './form-parts.ts';
import { MAX_LABEL, readLabel } from './passkey-schema.ts';
import { type AccountPage, type Faults, faulty, type Outcome, type Visit } from './visit.ts';

interface Parts {
  readonly passkeys: Pick<PasskeyList, 'list' | 'rename' | 'remove'>;
  readonly tell: (visit: Visit, what: 'passkeyRemoved') => Promise<void>;
}

const PATH = '/account/passkeys';

export const passkeysPage = (parts: Parts): AccountPage => ({
  path: PATH,
  recent: 'to_change',
  async show(visit, faults) {
    const { t, tenantId, userId } = visit;
    const list = await parts.passkeys.list(tenantId, userId);
    return {
      title: t.pages.passkeys,
      body: html`<p>${t.passkeyMeaning}</p>${problems(faults)}
${list.length === 0 ? html`<p>${t.none}</p>` : html`<ul class="things">${list.map((one, index) => item(visit, one, { index, faults }))}</ul>`}
<p><a href="${PATH}/add">${t.addPasskey}</a></p>`,
    };
  },
  submit: (visit, fields) => submit(parts, visit, fields),
});

function item(
  visit: Visit,
  one: Passkey,
  { index, faults }: { readonly index: number; readonly faults: Faults | undefined },
): Html {
  const { t, language } = visit;
  const about = one.label ?? one.username;
  const hidden = { id: one.credentialId };
  const isTyped = faults?.fields.get('id') === one.credentialId;
  const label = field(`passkey-${index}`, {
    name: 'label',
    label: t.fields.name,
    value: isTyped ? faults?.fields.get('label') : one.label,
    max: MAX_LABEL,
  });
  return html`<li><p><strong>${about}</strong> <span class="soft">${one.label !== undefined && `${one.username} · `}${one.rpId}${one.backedUp && ` · ${t.synced}`}</span></p>
<p class="soft">${t.addedAt} ${moment(language, one.createdAt)}${one.lastUsedAt && html`, ${t.lastUsed} ${moment(language, one.lastUsedAt)}`}</p>
${form(visit, PATH, { verb: 'rename', button: t.save, quiet: true, about, hidden, body: label })}
${form(visit, PATH, { verb: 'remove', button: t.remove, quiet: true, about, hidden })}</li>`;
}

async function submit({ passkeys, tell }: Parts, visit: Visit, fields: FormFields): Promise<Outcome> {
  const { tenantId, userId, t } = visit;
  const id = fields.get('id') ?? '';
  switch (fields.get('do')) {
    case 'rename': {
      const read = readLabel(fields.get('label') ?? '');
      if (!read) return faulty(t.badPasskeyName);
      await passkeys.rename(tenantId, userId, id, read.label);
      return { done: 'saved' };
    }
    case 'remove':
      await passkeys.remove(tenantId, userId, id);
      await tell(visit, 'passkeyRemoved');
      return { done: 'removed' };
    default:
      return faulty(t.badText);
  }
}
