/** Changing the password by the old one, or setting a first one. */
import { HOUSE_APP_ID } from '../base/house.ts';
import type { AppId, TenantId } from '../base/ids.ts';
import { html } from '../http/html.ts';
import { passwordRule } from '../texts/password-rule-texts.ts';
import type { OwnProfile } from '../users/own-profile.ts';
import type { PasswordSettings } from '../users/password-policy.ts';
import { ownerOf, type PasswordRules } from '../users/password-rules.ts';
import type { PasswordService } from '../users/password-service.ts';
import { field, form, problems } from './form-parts.ts';
import { ownCaller } from './own-caller.ts';
import { type AccountPage, faulty, type Outcome, type Visit } from './visit.ts';

interface Parts {
  readonly passwords: Pick<PasswordService, 'change'>;
  readonly profiles: Pick<OwnProfile, 'setFirstPassword'>;
  readonly rules: Pick<PasswordRules, 'validatePassword'>;
  readonly settingsOf: (tenantId: TenantId, appId: AppId) => Promise<PasswordSettings>;
  readonly tellChanged: (visit: Visit) => Promise<void>;
}

const PATH = '/account/password';

export const passwordPage = (parts: Parts): AccountPage => ({
  path: PATH,
  recent: 'always',
  async show(visit, faults) {
    const { t, user } = visit;
    const secret = (name: string, label: string, autocomplete: string) =>
      field('password', { name, label, autocomplete, type: 'password', required: true, max: 256 });
    const body = html`${user.hasPassword && secret('current', t.currentPassword, 'current-password')}${secret(
      'next',
      t.newPassword,
      'new-password',
    )}${secret('again', t.newPasswordAgain, 'new-password')}`;
    return {
      title: t.pages.password,
      body: html`<p>${user.hasPassword ? t.passwordMeaning : t.hasNoPassword}</p>${problems(faults)}${form(
        visit,
        PATH,
        {
          verb: 'change',
          button: t.save,
          body,
        },
      )}`,
    };
  },
  async submit(visit, fields) {
    const value = (name: string): string => fields.get(name) ?? '';
    const [current, next] = [value('current'), value('next')];
    const { t, user } = visit;
    if (next === '' || (user.hasPassword && current === '')) return faulty(t.passwordEmpty);
    if (next !== value('again')) return faulty(t.passwordsDiffer);
    const settings = await everySettings(parts, visit);
    const wrong = await faultsOf(parts, visit, settings, next);
    if (wrong.length > 0) return faulty(...wrong);
    return user.hasPassword
      ? change(parts, visit, { current, next }, strictest(settings))
      : setFirst(parts, visit, next);
  },
});

/** One password serves every application of the user, so it has to be good enough for each. */
async function everySettings({ settingsOf }: Parts, { tenantId, memberships }: Visit) {
  const appIds = memberships.length > 0 ? memberships.map(({ appId }) => appId) : [HOUSE_APP_ID];
  return Promise.all(appIds.map((appId) => settingsOf(tenantId, appId)));
}

/** Its attempts count; the policies have all been looked at. */
const strictest = (settings: readonly PasswordSettings[]): PasswordSettings => {
  const [first] = [...settings].sort((a, b) => b.policy.minLength - a.policy.minLength);
  if (!first) throw new Error('there are always settings for passwords');
  return first;
};

async function faultsOf(
  { rules }: Parts,
  { user, memberships, language }: Visit,
  settings: readonly PasswordSettings[],
  password: string,
): Promise<string[]> {
  const owner = ownerOf({ user });
  const names = memberships.flatMap(({ username }) => username ?? []);
  const all = [];
  // One after the other: former passwords are hashed for the comparison.
  for (const { policy } of settings)
    all.push(
      ...(await rules.validatePassword(policy, password, {
        ...owner,
        identifiers: [...owner.identifiers, ...names],
      })),
    );
  return [...new Set(all.map((problem) => passwordRule(language, problem)))];
}

async function change(
  { passwords, tellChanged }: Parts,
  visit: Visit,
  typed: { current: string; next: string },
  settings: PasswordSettings,
): Promise<Outcome> {
  const { tenantId, userId, session, ctx, t } = visit;
  const who = { tenantId, userId, keepSession: session.uid, ip: ctx.ip };
  const outcome = await passwords.change(who, typed, settings);
  if (outcome.outcome === 'wrong') return faulty(t.wrongPassword);
  if (outcome.outcome === 'locked') return { faults: { problems: [t.lockedPassword], status: 429 } };
  await tellChanged(visit);
  return { done: 'passwordChanged' };
}

async function setFirst({ profiles, tellChanged }: Parts, visit: Visit, password: string): Promise<Outcome> {
  await profiles.setFirstPassword(ownCaller(visit), { password });
  await tellChanged(visit);
  return { done: 'passwordChanged' };
}
