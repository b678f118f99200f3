/** The first page: who is signed in, and what protects the account. */
import type { PasskeyList } from '../factors/passkey-list.ts';
import type { TotpService } from '../factors/totp-service.ts';
import { type Html, html } from '../http/html.ts';
import { fill } from '../texts/language.ts';
import { moment } from './form-parts.ts';
import type { AccountPage } from './visit.ts';

interface Parts {
  readonly totp: Pick<TotpService, 'list'>;
  readonly passkeys: Pick<PasskeyList, 'list'>;
}

export const overviewPage = ({ totp, passkeys }: Parts): AccountPage => ({
  path: '/account',
  recent: 'never',
  async show({ t, user, tenantId, userId, memberships, session, language }) {
    const apps = await totp.list({ tenantId, userId });
    const keys = await passkeys.list(tenantId, userId);
    const name = [user.profile.name?.first_name, user.profile.name?.last_name].filter(Boolean).join(' ');
    const row = (label: string, value: string | Html | undefined): Html =>
      html`<dt>${label}</dt><dd>${value === undefined || value === '' ? t.none : value}</dd>`;
    return {
      title: t.pages.overview,
      body: html`<dl>
${row(t.fields.name, name)}${row(t.fields.email, user.email)}${row(t.fields.phone, user.phoneNumber)}
${row(t.applications, memberships.map(({ appName }) => appName).join(', '))}
${row(t.signedInSince, moment(language, new Date(session.authTime * 1000)))}
</dl>
<h2>${t.security}</h2>
<ul>
<li>${user.hasPassword ? t.hasPassword : t.hasNoPassword}</li>
<li>${fill(t.authenticatorCount, { count: apps.length })}</li>
<li>${fill(t.passkeyCount, { count: keys.length })}</li>
</ul>`,
    };
  },
});
