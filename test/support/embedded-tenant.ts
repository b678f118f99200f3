/** A migrated embedded database with one tenant, one application and users, for rules that need rows but no server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_APPLICATION_SETTINGS } from '../../src/applications/application.ts';
import { ApplicationStore } from '../../src/applications/application-store.ts';
import type { AppId, TenantId, UserId } from '../../src/base/ids.ts';
import { newId } from '../../src/base/secrets.ts';
import { type Database, openEmbedded } from '../../src/storage/database.ts';
import { migrate } from '../../src/storage/migrate.ts';
import type { User } from '../../src/users/user.ts';
import { UserStore } from '../../src/users/user-store.ts';
import { migrated } from './embedded-folder.ts';

export interface EmbeddedTenant {
  readonly db: Database;
  readonly tenantId: TenantId;
  readonly appId: AppId;
  addUser(email: string, passwordHash: string): Promise<User>;
  close(): Promise<void>;
}

/** `password`: the application's settings of the method. */
export async function embeddedTenant(password: Record<string, unknown> = {}): Promise<EmbeddedTenant> {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-tenant-'));
  const database = await openEmbedded(migrated(folder));
  const { db } = database;
  await migrate(db);
  const [tenantId, appId] = [newId<TenantId>(), newId<AppId>()];
  await db
    .insertInto('tenants')
    .values({ tenant_id: tenantId, name: 'T' } as never)
    .execute();
  await new ApplicationStore(db).insert({
    tenantId,
    appId,
    kind: 'end_user',
    name: 'A',
    settings: { ...DEFAULT_APPLICATION_SETTINGS, login_preferences: { auth_methods: { password } } },
    createdBy: 'test',
  });
  return {
    db,
    tenantId,
    appId,
    async addUser(email, passwordHash) {
      const store = new UserStore(db);
      const user = await store.insert(tenantId, newId<UserId>(), { email, passwordHash });
      await store.putMembership(user, appId, {});
      return user;
    },
    async close() {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
