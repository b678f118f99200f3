/** What the person has allowed outside services, and how it is taken back. */
import { notFound } from '../base/errors.ts';
import type { ConsentService } from '../consents/consent-service.ts';
import type { ConsentStore } from '../consents/consent-store.ts';
import { html } from '../http/html.ts';
import { form, moment, problems } from './form-parts.ts';
import { ownCaller } from './own-caller.ts';
import type { AccountPage } from './visit.ts';

interface Parts {
  readonly stored: Pick<ConsentStore, 'list'>;
  readonly consents: Pick<ConsentService, 'revoke'>;
}

const PATH = '/account/consents';

export const consentsPage = ({ stored, consents }: Parts): AccountPage => ({
  path: PATH,
  recent: 'never',
  async show(visit, faults) {
    const { t, tenantId, userId, language } = visit;
    const list = await stored.list(tenantId, { userId });
    const items = list.map(
      ({
        consentId,
        clientName,
        scope,
        resource,
        createdAt,
        expiresAt,
      }) => html`<li><p><strong>${clientName}</strong></p>
<p>${scope.split(' ').join(', ')}${resource !== '' && html` <span class="soft">(${resource})</span>`}</p>
<p class="soft">${t.since} ${moment(language, createdAt)}, ${t.until} ${moment(language, expiresAt)}</p>
${form(visit, PATH, { verb: 'withdraw', button: t.withdraw, quiet: true, about: clientName, hidden: { id: consentId } })}</li>`,
    );
    return {
      title: t.pages.consents,
      body: html`<p>${t.consentsMeaning}</p>${problems(faults)}
${list.length === 0 ? html`<p>${t.none}</p>` : html`<ul class="things">${items}</ul>`}`,
    };
  },
  async submit(visit, fields) {
    const { tenantId, userId } = visit;
    const own = await stored.list(tenantId, { userId });
    const consent = own.find(({ consentId }) => consentId === fields.get('id'));
    if (!consent) throw notFound('Consent not found');
    await consents.revoke(ownCaller(visit, consent.appId), { consentId: consent.consentId });
    return { done: 'withdrawn' };
  },
});
