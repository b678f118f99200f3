/** Many questions of one moment are one statement, and every answer is younger than its question. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { TenantId } from '../../../src/base/ids.ts';
import { StateReader } from '../../../src/oidc/adapter/state-reader.ts';
import { type Database, type OpenDatabase, openEmbedded } from '../../../src/storage/database.ts';
import { migrate } from '../../../src/storage/migrate.ts';
import { migrated } from '../../support/embedded-folder.ts';

const TENANT = 'tenant' as TenantId;

describe('what tokens rest on', () => {
  let folder: string;
  let database: OpenDatabase;
  let db: Database;
  let statements = 0;
  let states: StateReader;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-states-'));
    database = await openEmbedded(migrated(folder));
    db = database.db;
    await migrate(db);
    await sql`insert into tenants (tenant_id, name) values ('tenant', 'T'), ('other', 'O')`.execute(db);
    await sql`insert into applications (tenant_id, app_id, kind, name, settings, created_by)
      values ('tenant', 'app', 'end_user', 'A', '{}', 'test')`.execute(db);
    await sql`insert into clients (tenant_id, client_id, app_id, protocol, name, settings)
      values ('tenant', 'client', 'app', 'oidc', 'C', '{}')`.execute(db);
    await sql`insert into users (tenant_id, user_id, status, profile) select 'tenant', 'user-' || n, 'Active', '{}'
      from generate_series(0, 49) n`.execute(db);
    await sql`insert into grants (tenant_id, grant_id, client_id, user_id, payload, expires_at)
      select 'tenant', 'grant-' || n, 'client', 'user-' || n, jsonb_build_object('n', n), now() + interval '1 hour'
      from generate_series(0, 49) n`.execute(db);
    const counted = db.withPlugin({
      transformQuery: ({ node }) => {
        statements++;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    states = new StateReader({ db: counted, tenantId: TENANT });
  });
  afterAll(async () => {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers each of fifty questions of one moment with its own grant and user, in one statement', async () => {
    statements = 0;
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => states.read({ grantId: `grant-${n}`, clientId: 'client' })),
    );
    expect(statements).toBe(1);
    expect(answers.map(({ grant }) => [grant?.payload.n, grant?.user.userId])).toEqual(
      Array.from({ length: 50 }, (_, n) => [n, `user-${n}`]),
    );
    expect(answers.every(({ clientExists, isRevoked }) => clientExists && !isRevoked)).toBe(true);
  });

  it('sees what changed before the question was put, with nothing remembered', async () => {
    expect((await states.read({ grantId: 'grant-1', revocation: 'token' })).isRevoked).toBe(false);
    await sql`insert into revoked_tokens (tenant_id, jti, expires_at) values ('tenant', 'token', now() + interval '1 hour')`.execute(
      db,
    );
    await sql`delete from users where user_id = 'user-1'`.execute(db);
    const after = await states.read({ grantId: 'grant-1', revocation: 'token' });
    expect(after).toEqual({ isRevoked: true, clientExists: false, audienceExists: false });
  });

  it('knows nothing of another tenant, nor of an ended grant', async () => {
    const other = new StateReader({ db, tenantId: 'other' as TenantId });
    expect(await other.read({ grantId: 'grant-2', clientId: 'client', revocation: 'token' })).toEqual({
      isRevoked: false,
      clientExists: false,
      audienceExists: false,
    });
    await sql`update grants set expires_at = now() where grant_id = 'grant-3'`.execute(db);
    expect((await states.read({ grantId: 'grant-3' })).grant).toBeUndefined();
  });

  it('knows the audiences that tokens may be for: the default one and the resources of the tenant', async () => {
    await sql`insert into resources (tenant_id, resource_id, name, description, uri, access_token_ttl,
      refresh_token_ttl, max_refresh_rotate) values ('tenant', 'r', '', '', 'https://r', 1, 1, 1)`.execute(
      db,
    );
    const known = async (audience?: string, of = states) => (await of.read({ audience })).audienceExists;
    expect([await known('userid-api'), await known('https://r')]).toEqual([true, true]);
    expect([await known('https://other'), await known()]).toEqual([false, false]);
    const other = new StateReader({ db, tenantId: 'other' as TenantId });
    expect(await known('https://r', other)).toBe(false);
    const ofResource = async (resourceId: string, audience = 'https://r') =>
      (await states.read({ audience, resourceId })).audienceExists;
    expect([await ofResource('r'), await ofResource('former')]).toEqual([true, false]);
  });

  it('goes on after a statement that failed', async () => {
    const broken = new StateReader({ db, tenantId: TENANT });
    await expect(broken.read({ revocation: '\0' })).rejects.toThrow();
    expect((await broken.read({ clientId: 'client' })).clientExists).toBe(true);
  });
});
