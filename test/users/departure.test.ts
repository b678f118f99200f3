/** Leaving an application is one transaction, and the trail names everything that was taken. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { AuditLog } from '../../src/audit/audit-log.ts';
import type { ClientCaller } from '../../src/base/caller.ts';
import { type Database, type OpenDatabase, openEmbedded } from '../../src/storage/database.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { leaveApplication } from '../../src/users/departure.ts';
import { migrated } from '../support/embedded-folder.ts';

describe('leaving an application', () => {
  let folder: string;
  let database: OpenDatabase;
  let db: Database;
  const caller = { kind: 'client', tenantId: 't', clientId: 'c', appId: 'a' } as ClientCaller;
  const run = (statement: string) => sql.raw(statement).execute(db);
  const leave = (audit: AuditLog) =>
    db.transaction().execute((trx) => leaveApplication(trx, audit, caller, 'u'));
  const events = () => db.selectFrom('audit_events').select(['type', 'subject', 'details']).execute();
  const rows = async (table: string): Promise<number> =>
    (await sql`select 1 from ${sql.table(table)}`.execute(db)).rows.length;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-departure-'));
    database = await openEmbedded(migrated(folder));
    db = database.db;
    await migrate(db);
    await run(`insert into tenants (tenant_id, name) values ('t', 'T')`);
    await run(`insert into applications (tenant_id, app_id, kind, name, settings, created_by)
      values ('t', 'a', 'end_user', 'A', '{}', 'test'), ('t', 'b', 'end_user', 'B', '{}', 'test')`);
    await run(`insert into users (tenant_id, user_id, status, profile) values ('t', 'u', 'Active', '{}')`);
    await run(`insert into user_applications (tenant_id, user_id, app_id, custom_app_data)
      values ('t', 'u', 'a', '{}'), ('t', 'u', 'b', '{}')`);
    await run(`insert into roles (tenant_id, role_id, app_id, role_name, display_name, description, permissions)
      values ('t', 'r', 'a', 'R', '', '', '[]'), ('t', 's', 'b', 'S', '', '', '[]')`);
    await run(`insert into role_assignments (tenant_id, role_id, entity_type, entity_id)
      values ('t', 'r', 'User', 'u'), ('t', 's', 'User', 'u')`);
    await run(`insert into organizations (tenant_id, organization_id, name, alias_name, domains, enabled)
      values ('t', 'left', 'L', '', '[]', true), ('t', 'kept', 'K', '', '[]', true)`);
    await run(`insert into organization_apps (tenant_id, organization_id, app_id)
      values ('t', 'left', 'a'), ('t', 'kept', 'a'), ('t', 'kept', 'b')`);
    await run(`insert into organization_members (tenant_id, organization_id, user_id)
      values ('t', 'left', 'u'), ('t', 'kept', 'u')`);
    await run(`insert into organization_member_roles (tenant_id, organization_id, user_id, app_id, role_id, position)
      values ('t', 'left', 'u', 'a', 'r', 0), ('t', 'kept', 'u', 'a', 'r', 0), ('t', 'kept', 'u', 'b', 's', 0)`);
  });
  afterAll(async () => {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes nothing where the trail cannot be written', async () => {
    const broken = { record: () => Promise.reject(new Error('the disk is full')) } as unknown as AuditLog;
    await expect(leave(broken)).rejects.toThrow('the disk is full');
    const counts = ['user_applications', 'role_assignments', 'organization_members'].map(rows);
    expect(await Promise.all(counts)).toEqual([2, 2, 2]);
  });

  it('writes down the user, each role, and each organization', async () => {
    await leave(new AuditLog());
    expect(await events()).toEqual([
      { type: 'user.removed_from_app', subject: 'u', details: { appId: 'a' } },
      { type: 'role.unassigned', subject: 'r', details: { app_id: 'a', entity_ids: ['u'] } },
      { type: 'organization.member_removed', subject: 'left', details: { user_id: 'u' } },
      {
        type: 'organization.member_roles_set',
        subject: 'kept',
        details: { app_id: 'a', user_id: 'u', role_ids: [] },
      },
    ]);
    const counts = ['user_applications', 'role_assignments', 'organization_members'].map(rows);
    expect(await Promise.all(counts)).toEqual([1, 1, 1]);
    expect(await rows('organization_member_roles')).toBe(1);
    await expect(leave(new AuditLog())).rejects.toMatchObject({ status: 404 });
  });
});
