/** Tessera's own pages as an application: what the hosted login shows and allows when somebody signs in to them. */
import { HOUSE_APP_ID } from '../base/house.ts';
import type { AppId, TenantId } from '../base/ids.ts';
import { type Application, DEFAULT_APPLICATION_SETTINGS } from './application.ts';
import { DEFAULT_HOSTED_LOGIN } from './hosted-login.ts';

/**
 * Who signs in is not known yet, so no application's settings can count: the defaults do, without sign-up. A password that
 * is too old for one application still opens the page on which it is changed.
 */
export const houseApplication = (tenantId: TenantId, name: string): Application => ({
  tenantId,
  appId: HOUSE_APP_ID,
  kind: 'end_user',
  name,
  settings: {
    ...DEFAULT_APPLICATION_SETTINGS,
    allow_public_signup: false,
    login_preferences: { auth_methods: { password: { ignoreExpiration: true } } },
    hosted_login: { ...DEFAULT_HOSTED_LOGIN, public_sign_up: false },
  },
  createdBy: 'installation',
  createdAt: new Date(0),
  updatedAt: new Date(0),
});

interface Finder {
  find(tenantId: TenantId, appId: AppId): Promise<Application | undefined>;
}

/** Finds stored applications, and the house; for those who speak with a person who signs in, never for administration. */
export const withHouse = (stored: Finder, name: () => string): Finder => ({
  find: async (tenantId, appId) =>
    appId === HOUSE_APP_ID ? houseApplication(tenantId, name()) : stored.find(tenantId, appId),
});
