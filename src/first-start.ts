/** The first start: tenant, keys, administrator, management application, demo application; printed once. */

import { setTimeout as pause } from 'node:timers/promises';
import type { ApplicationService } from './applications/application-service.ts';
import type { AdminCaller } from './base/caller.ts';
import type { AppId, ClientId, TenantId } from './base/ids.ts';
import { newId, newSecret } from './base/secrets.ts';
import { StartError } from './base/start-error.ts';
import type { Config } from './config/config.ts';
import type { KeyRing } from './keys/key-ring.ts';
import type { Database } from './storage/database.ts';
import { FIRST_START, type TenantStore } from './tenants/tenant-store.ts';
import type { UserService } from './users/user-service.ts';

interface Parts {
  readonly db: Database;
  readonly config: Config;
  readonly tenants: TenantStore;
  readonly keyRing: KeyRing;
  readonly applications: ApplicationService;
  readonly users: UserService;
}

/** What is printed once; undefined on every later start. */
export interface FirstIdentities {
  readonly adminEmail: string;
  readonly adminPassword: string;
  readonly managementClientId: string;
  readonly managementClientSecret: string;
  readonly demoClientId: string;
  readonly demoClientSecret: string;
}

const DEMO_REDIRECT = 'http://localhost:8080/callback';
const PATIENCE_MS = 20_000;
const POLL_MS = 200;

/**
 * Several nodes may start at once: the one that sets the mark does the work, the others wait for `done`. A mark
 * that stays `running` was left by a process that died before it printed anything; its rows are made anew.
 */
export async function ensureFirstIdentities(
  parts: Parts,
): Promise<{ tenantId: TenantId; created: FirstIdentities | undefined }> {
  const mine = await parts.db
    .insertInto('settings')
    .values({ name: FIRST_START, value: 'running' })
    .onConflict((on) => on.doNothing())
    .executeTakeFirst();
  const shared = parts.config.databaseUrl !== undefined;
  const done =
    (mine.numInsertedOrUpdatedRows ?? 0n) === 0n && (await isDone(parts.db, shared ? PATIENCE_MS : 0));
  if (!done) await removeUnfinished(parts);
  const created = done ? undefined : await createAll(parts);
  const tenant = await parts.tenants.findFirst();
  if (!tenant)
    throw new StartError('The database has no tenant although it was set up; restore it from a backup.');
  return { tenantId: tenant.tenantId, created };
}

async function isDone(db: Database, patienceMs: number): Promise<boolean> {
  for (let waited = 0; ; waited += POLL_MS) {
    const mark = await db
      .selectFrom('settings')
      .select('value')
      .where('name', '=', FIRST_START)
      .executeTakeFirst();
    if (mark?.value === 'done') return true;
    if (waited >= patienceMs) return false;
    await pause(POLL_MS);
  }
}

async function removeUnfinished({ db, tenants }: Parts): Promise<void> {
  const tenant = await tenants.findFirst();
  if (!tenant) return;
  for (const table of ['applications', 'users', 'signing_keys', 'audit_events', 'tenants'] as const)
    await db.deleteFrom(table).where('tenant_id', '=', tenant.tenantId).execute();
}

async function createAll(parts: Parts): Promise<FirstIdentities> {
  const tenantId = newId<TenantId>();
  const { bootstrap } = parts.config;
  await parts.tenants.create(parts.db, tenantId, 'Tessera');
  await parts.keyRing.ensure(parts.db, tenantId);
  const installer: AdminCaller = {
    kind: 'admin',
    tenantId,
    clientId: 'installation' as ClientId,
    appId: 'installation' as AppId,
  };
  const management = await parts.applications.create(
    installer,
    {
      app_name: 'Management',
      app_description: 'Machine access to the management API',
      client_display_name: 'Management client',
    },
    {
      kind: 'management',
      ...(bootstrap.clientId && { clientId: bootstrap.clientId as ClientId }),
      ...(bootstrap.clientSecret && { clientSecret: bootstrap.clientSecret.reveal() }),
    },
  );
  const demo = await parts.applications.create(installer, {
    app_name: 'Demo',
    app_description: 'Made on the first start, to try things out',
    first_client: { name: 'Demo web client', redirect_uris: [DEMO_REDIRECT] },
  });
  const adminEmail = bootstrap.adminEmail ?? 'admin@localhost.localdomain';
  const adminPassword = bootstrap.adminPassword?.reveal() ?? newSecret().slice(0, 20);
  await parts.users.create(
    { ...installer, appId: demo.application.appId },
    {
      values: { email: adminEmail.toLowerCase(), emailVerifiedAt: new Date() } as never,
      membership: {} as never,
      password: adminPassword,
    },
  );
  await parts.db.updateTable('settings').set({ value: 'done' }).where('name', '=', FIRST_START).execute();
  return {
    adminEmail,
    adminPassword,
    managementClientId: management.client.clientId,
    managementClientSecret: management.clientSecret,
    demoClientId: demo.client.clientId,
    demoClientSecret: demo.clientSecret,
  };
}
