/** What is stored and what is written down when users allow, decline and take back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { AuditLog } from '../../src/audit/audit-log.ts';
import type { UserCaller } from '../../src/base/caller.ts';
import type { AppId, ClientId, TenantId, UserId } from '../../src/base/ids.ts';
import { ConsentService } from '../../src/consents/consent-service.ts';
import { ConsentStore } from '../../src/consents/consent-store.ts';
import { type OpenDatabase, openEmbedded } from '../../src/storage/database.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { TenantStore } from '../../src/tenants/tenant-store.ts';
import { migrated } from '../support/embedded-folder.ts';

const tenantId = 't' as TenantId;
const head = { tenantId, clientId: 'partner' as ClientId, userId: 'u' as UserId };
const asks = (...scopes: string[]) => ({ ...head, scopes, resource: '' });
const user: UserCaller = {
  kind: 'user',
  tenantId,
  clientId: 'shop' as ClientId,
  appId: 'a' as AppId,
  userId: 'u' as UserId,
  scopes: new Set(),
  isThirdParty: false,
};

describe('consents', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-consents-'));
  let database: OpenDatabase;
  let consents: ConsentService;
  let store: ConsentStore;
  beforeAll(async () => {
    database = await openEmbedded(migrated(folder));
    const { db } = database;
    await migrate(db);
    await new TenantStore(db).create(db, tenantId, 'T');
    await sql`insert into applications (tenant_id, app_id, kind, name, settings, created_by)
      values ('t', 'a', 'end_user', 'Shop', '{}', 'test')`.execute(db);
    await sql`insert into clients (tenant_id, client_id, app_id, protocol, name, settings)
      values ('t', 'partner', 'a', 'oidc', 'Partner', '{"is_third_party": true}')`.execute(db);
    await sql`insert into users (tenant_id, user_id, status, profile) values ('t', 'u', 'Active', '{}')`.execute(
      db,
    );
    consents = new ConsentService({ db, audit: new AuditLog() });
    store = new ConsentStore(db);
  });
  afterAll(async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await sql`delete from consents`.execute(database.db);
    await sql`delete from audit_events`.execute(database.db);
  });

  const trail = () =>
    database.db.selectFrom('audit_events').select(['type', 'actor', 'subject', 'details']).execute();

  it('are renewed where the very set of scopes is allowed again, and added where it is another', async () => {
    await consents.give(asks('openid', 'a'), 60);
    const [first] = await store.list(tenantId, {});
    await consents.give(asks('a', 'openid'), 600);
    const [renewed, ...more] = await store.list(tenantId, {});
    expect(more).toEqual([]);
    expect(renewed).toMatchObject({ consentId: first?.consentId, createdAt: first?.createdAt });
    expect(renewed?.expiresAt.getTime()).toBeGreaterThan(Number(first?.expiresAt.getTime()) + 500_000);
    await consents.give(asks('openid', 'b'), 60);
    expect(await store.list(tenantId, {})).toHaveLength(2);
  });

  it('are nothing once expired, swept or not (R93)', async () => {
    await consents.give(asks('openid'), 60);
    expect(await store.findCovering(asks('openid'))).toBeDefined();
    await sql`update consents set expires_at = now() - interval '1 second'`.execute(database.db);
    expect(await store.findCovering(asks('openid'))).toBeUndefined();
    expect(await consents.list(user, {})).toEqual([]);
    await expect(consents.revoke(user, {})).rejects.toMatchObject({ status: 404 });
  });

  it('leave a line in the trail when given, declined and revoked', async () => {
    await consents.give(asks('openid', 'a'), 60);
    await consents.deny({ ...asks('openid', 'b'), resource: 'https://orders.example.com' });
    const [given] = await store.list(tenantId, {});
    expect(await consents.revoke(user, { clientId: head.clientId })).toBe(1);
    const actor = { kind: 'user', id: 'u' };
    const about = { client_id: 'partner', user_id: 'u' };
    expect(await trail()).toEqual([
      { type: 'consent.given', actor, subject: given?.consentId, details: { ...about, scope: 'openid a' } },
      {
        type: 'consent.denied',
        actor,
        subject: 'partner',
        details: { ...about, scope: 'openid b', resource: 'https://orders.example.com' },
      },
      { type: 'consent.revoked', actor, subject: given?.consentId, details: { ...about, scope: 'openid a' } },
    ]);
  });

  it('cannot be given in the name of a user who is gone', async () => {
    const gone = { ...asks('openid'), userId: 'nobody' as UserId };
    await expect(consents.give(gone, 60)).rejects.toMatchObject({ status: 404 });
    expect(await trail()).toEqual([]);
  });
});
