/** What the database has to say before an application is written, and which rows stand beside its own. */
import type { ApplicationSettings } from '../../applications/application.ts';
import { ApplicationStore } from '../../applications/application-store.ts';
import { setServiceProviders } from '../../applications/used-service-providers.ts';
import type { AppId } from '../../base/ids.ts';
import { type Ground, identifier, type Line, RefusedLine } from './row-kind.ts';
import type { Identifier } from './seen-identifiers.ts';

const settingsOf = (line: Line) => line.settings as ApplicationSettings;

export function namesOfApplication(line: Line): Identifier[] {
  const { subdomain, custom_domain } = settingsOf(line);
  return [...identifier('subdomain', subdomain), ...identifier('custom_domain', custom_domain?.domain)];
}

/** One application for a domain, one Authentication Hub for the tenant. @throws RefusedLine */
export async function assertOnlyOne({ db, tenantId }: Ground, line: Line): Promise<void> {
  const { custom_domain, authenticator_preferences } = settingsOf(line);
  const [store, appId] = [new ApplicationStore(db), line.app_id as AppId];
  if (custom_domain === null && !authenticator_preferences.is_centralized) return;
  await store.lockTenant(tenantId);
  if (custom_domain !== null && (await store.hasCustomDomain(tenantId, custom_domain.domain, appId)))
    throw new RefusedLine('custom_domain belongs to another application');
  if (authenticator_preferences.is_centralized && (await store.hasHub(tenantId, appId)))
    throw new RefusedLine(
      'authenticator_preferences.is_centralized: another application is the Authentication Hub',
    );
}

/** @throws 400 naming service providers that are not there */
export const tieServiceProviders = ({ db, tenantId }: Ground, line: Line): Promise<void> =>
  setServiceProviders(db, { tenantId }, line.app_id as AppId, settingsOf(line).service_providers);
