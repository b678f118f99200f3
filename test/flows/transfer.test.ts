/** Moving a tenant: export, import, and passwords that other products hashed (issue: import and export). */
import { spawn } from 'node:child_process';
import { pbkdf2Sync, randomBytes, scryptSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash as argon2 } from '@node-rs/argon2';
import bcrypt from 'bcryptjs';
import pg from 'pg';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { adminToken, api, clientToken } from '../support/management.ts';
import { RelyingParty } from '../support/relying-party.ts';
import { REDIRECT_URI, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PASSWORD = 'correct horse battery staple';
const salt = randomBytes(16);
const b64 = (bytes: Buffer): string => bytes.toString('base64');

/** Runs the command on the database of an app, with this standard input. */
async function tessera(app: App, args: readonly string[], input: string | Buffer = '') {
  const child = spawn(process.execPath, ['src/cli/main.ts', ...args], { cwd: ROOT, env: { ...app.env } });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()));
  child.stdin.on('error', () => undefined).end(input);
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...texts };
}
const EVERY_KIND = [
  'application',
  'client',
  'client_resource',
  'client_secret',
  'group',
  'group_role',
  'group_user',
  'organization',
  'organization_app',
  'organization_member',
  'organization_member_role',
  'organization_role',
  'organization_role_group',
  'resource',
  'role',
  'role_group',
  'role_group_role',
  'sso_group',
  'user',
];
/** Many processes start and stop one after the other, each with a database to open. */
const PATIENCE_MS = 240_000;

const jsonLines = (...lines: object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

describe.each(policyStorages)('moving a tenant ($name)', ({ options }) => {
  const opened: { app: App; storage: StorageOptions }[] = [];
  const open = async (): Promise<{ app: App; storage: StorageOptions }> => {
    const storage = await options();
    const one = { app: await startApp(storage), storage };
    opened.push(one);
    return one;
  };
  /** On Postgres beside the serving process; the embedded database belongs to one process, so that one is stopped first. */
  async function offline<T>(
    app: App,
    storage: StorageOptions,
    work: () => Promise<T>,
  ): Promise<{ app: App; result: T }> {
    if (storage.databaseUrl) return { app, result: await work() };
    await app.stop();
    const result = await work();
    const again = await startApp({ ...storage, like: app, port: app.port });
    opened.push({ app: again, storage });
    return { app: again, result };
  }

  afterAll(async () => {
    for (const { app, storage } of opened) {
      await app.discard();
      await storage.release();
    }
  });

  it(
    'an export brought into an empty deployment is the same export, and its secrets and passwords work',
    async () => {
      const from = await open();
      const scene = await setScene(from.app);
      const admin = api(from.app, await adminToken(from.app));
      const own = api(from.app, await clientToken(from.app, scene));
      const person = {
        email: 'moved@example.com',
        username: 'moved',
        credentials: { password: 'Correct-Horse-7-Battery', force_replace: false },
        name: { first_name: 'Ada' },
        custom_data: { a: [1, { b: 2 }] },
        secondary_emails: ['second@example.com'],
      };
      const userId = (await own.post('/v1/users', person)).body.result.user_id;
      const role = (
        await admin.post(`/v1/applications/${scene.appId}/roles`, {
          role_name: 'clerk',
          permissions: ['x:y'],
        })
      ).body.result.role_id;
      const group = (await admin.post(`/v1/applications/${scene.appId}/role-groups`, { name: 'clerks' })).body
        .result.group_id;
      await admin.post(`/v1/applications/${scene.appId}/role-groups/${group}/roles/set`, {
        role_ids: [role],
      });
      await admin.post(`/v1/applications/${scene.appId}/roles/${role}/assignments`, {
        entity_ids: [userId],
        entity_type: 'User',
      });
      const staff = (await admin.post('/v1/groups', { name: 'staff', custom_data: { floor: 3 } })).body.result
        .group_id;
      await admin.post(`/v1/groups/${staff}/users`, { user_ids: [userId] });
      await admin.post(`/v1/applications/${scene.appId}/roles/${role}/assignments`, {
        entity_ids: [staff],
        entity_type: 'Group',
      });
      const acme = (
        await admin.post('/v1/organizations', {
          name: 'Acme',
          domain: 'acme.example',
          app_ids: [scene.appId],
        })
      ).body.result.organization_id;
      await admin.post(`/v1/applications/${scene.appId}/organizations/${acme}/roles-and-groups/set`, {
        role_ids: [role],
        role_group_ids: [group],
      });
      await admin.post(`/v1/organizations/${acme}/members`, { user_id: userId });
      await admin.post(`/v1/applications/${scene.appId}/organizations/${acme}/members/${userId}/roles`, {
        role_ids: [role],
      });
      await admin.post('/v1/sso-service/sso-group', {
        name: 'Portal',
        configuration: { journey: 'default', allowSilentLogin: true },
      });
      const first = await offline(from.app, from.storage, () => tessera(from.app, ['export']));
      const body = (text: string): string[] => text.trim().split('\n').slice(1).sort();
      expect([first.result.code, first.result.stderr]).toEqual([0, '']);
      expect(first.result.stdout).not.toContain(scene.clientSecret);
      const kinds = new Set(body(first.result.stdout).map((line) => JSON.parse(line).kind));
      expect([...kinds].sort()).toEqual(EVERY_KIND);
      const to = await open();
      const brought = await offline(to.app, to.storage, async () => ({
        dry: await tessera(to.app, ['import', '--dry-run'], first.result.stdout),
        once: await tessera(to.app, ['import'], first.result.stdout),
        twice: await tessera(to.app, ['import'], first.result.stdout),
        exported: await tessera(to.app, ['export']),
      }));
      const { dry, once: once_, twice, exported } = brought.result;
      expect([once_.stdout.split('Refused:')[1], dry.code, once_.code, twice.code]).toEqual([
        undefined,
        0,
        0,
        0,
      ]);
      expect(dry.stdout).toContain('nothing was written');
      expect(dry.stdout.split('\n').slice(1)).toEqual(once_.stdout.split('\n'));
      expect(once_.stdout).toMatch(/user: [2-9] created, 0 updated, [01] unchanged, 0 refused/);
      expect(twice.stdout).not.toMatch(/[1-9]\d* (created|updated)/);
      const there = body(exported.stdout);
      for (const line of body(first.result.stdout)) expect(there).toContain(line);
      const rp = await RelyingParty.discover(brought.app, {
        clientId: scene.clientId,
        clientSecret: scene.clientSecret,
        redirectUri: REDIRECT_URI,
      });
      const tokens = await rp.signIn(brought.app, {
        identifier: 'moved',
        password: 'Correct-Horse-7-Battery',
      });
      expect(tokens.claims()?.sub).toBe(userId);
      expect(
        (await api(brought.app, await clientToken(brought.app, scene)).get(`/v1/users/${userId}`)).body
          .result,
      ).toMatchObject({ username: 'moved', custom_data: person.custom_data });
    },
    PATIENCE_MS,
  );

  const KEYCLOAK = {
    type: 'password',
    secretData: JSON.stringify({
      value: b64(pbkdf2Sync(PASSWORD, salt, 27_500, 64, 'sha512')),
      salt: b64(salt),
      additionalParameters: {},
    }),
    credentialData: JSON.stringify({
      hashIterations: 27_500,
      algorithm: 'pbkdf2-sha512',
      additionalParameters: {},
    }),
  };
  const scrypted = scryptSync(PASSWORD, salt, 64, { N: 16_384, r: 8, p: 1 });
  const FORMATS: [string, () => Promise<object> | object][] = [
    [
      'argon2i',
      async () => ({
        password_hash: await argon2(PASSWORD, { algorithm: 1, memoryCost: 4096, timeCost: 3 }),
      }),
    ],
    ['bcrypt', async () => ({ password_hash: await bcrypt.hash(PASSWORD, 6) })],
    [
      'bcrypt by Auth0',
      async () => ({
        custom_password_hash: { algorithm: 'bcrypt', hash: { value: await bcrypt.hash(PASSWORD, 6) } },
      }),
    ],
    ['scrypt', () => ({ password_hash: `$scrypt$ln=14,r=8,p=1$${b64(salt)}$${b64(scrypted)}` })],
    [
      'scrypt by Auth0',
      () => ({
        custom_password_hash: {
          algorithm: 'scrypt',
          hash: { value: scrypted.toString('hex'), encoding: 'hex' },
          salt: { value: b64(salt), encoding: 'base64' },
          keylen: 64,
          cost: 16_384,
          blockSize: 8,
          parallelization: 1,
        },
      }),
    ],
    [
      'pbkdf2',
      () => ({
        password_hash: `$pbkdf2-sha256$i=10000,l=32$${b64(salt)}$${b64(pbkdf2Sync(PASSWORD, salt, 10_000, 32, 'sha256'))}`,
      }),
    ],
    ['pbkdf2 by Keycloak', () => ({ credentials: [KEYCLOAK] })],
  ];

  it(
    'passwords hashed elsewhere open the door once as they are, and are Argon2id from then on',
    async () => {
      const { app: started, storage } = await open();
      const scene = await setScene(started);
      const lines: object[] = [];
      for (const [at, [, hash]] of FORMATS.entries())
        lines.push({
          kind: 'user',
          email: `u${at}@import.example`,
          email_verified: true,
          applications: [{ app_id: scene.appId }],
          ...(await hash()),
        });
      const { app, result } = await offline(started, storage, () =>
        tessera(started, ['import'], jsonLines(...lines)),
      );
      expect([result.code, result.stdout]).toEqual([
        0,
        expect.stringContaining(`user: ${FORMATS.length} created`),
      ]);
      for (const [at, [name]] of FORMATS.entries()) {
        const person = (password: string) => ({ identifier: `u${at}@import.example`, password });
        await expect(scene.rp.signIn(app, person(`${PASSWORD}!`))).rejects.toThrow('sign-in ended');
        for (const round of ['as imported', 'as upgraded'])
          await expect(scene.rp.signIn(app, person(PASSWORD)).then(() => [name, round])).resolves.toEqual([
            name,
            round,
          ]);
      }
      if (storage.databaseUrl) {
        const client = new pg.Client({ connectionString: storage.databaseUrl });
        await client.connect();
        const { rows } = await client.query(
          "select password_hash from users where email like '%@import.example'",
        );
        await client.end();
        expect(rows.map((row) => row.password_hash.slice(0, 20))).toEqual(
          FORMATS.map(() => '$argon2id$v=19$m=194'),
        );
      }
      // What was hashed anew stays when the old file comes again.
      const again = await offline(app, storage, () => tessera(app, ['import'], jsonLines(...lines)));
      expect(again.result.stdout).toMatch(
        new RegExp(`user: 0 created, 0 updated, ${FORMATS.length} unchanged`),
      );
      await expect(
        scene.rp.signIn(again.app, { identifier: 'u0@import.example', password: PASSWORD }),
      ).resolves.toBeDefined();
    },
    PATIENCE_MS,
  );

  it(
    'refuses line by line, says why, and writes the rest',
    async () => {
      const { app: started, storage } = await open();
      const scene = await setScene(started);
      const folder = mkdtempSync(join(tmpdir(), 'tessera-import-'));
      const file = join(folder, 'refused.jsonl');
      const client = {
        kind: 'client',
        client_id: 'bad-client',
        app_id: scene.appId,
        name: 'Bad',
        settings: { redirect_uris: ['javascript:alert(1)'] },
      };
      // Those are kept apart from the settings, sealed under the master key of one deployment.
      const google = { clientId: 'g', clientSecret: 'in plain text' };
      const application = {
        kind: 'application',
        name: 'Bad',
        settings: { login_preferences: { auth_methods: { google } } },
      };
      const input = [
        '{"tessera":"export","version":1}',
        'not json',
        '[]',
        '{"kind":"nothing"}',
        '',
        JSON.stringify({ kind: 'user', email: 'good1@r.example' }),
        JSON.stringify({ kind: 'user', email: 'good1@r.example', user_id: 'other-id' }),
        JSON.stringify({ kind: 'user', email: 'two@r.example', phone_number: '+14155550101', nickname: 'x' }),
        JSON.stringify({ kind: 'user', email: 'three@r.example', password_hash: 'plain' }),
        JSON.stringify({ kind: 'user', email: 'four@r.example', password_hash: `$2b$31$${'a'.repeat(53)}` }),
        JSON.stringify({ kind: 'user', email: 'five@r.example', applications: [{ app_id: 'nobody' }] }),
        JSON.stringify({ kind: 'user', language: 'de' }),
        JSON.stringify(client),
        JSON.stringify({ ...client, app_id: 'nobody', settings: {} }),
        JSON.stringify({
          kind: 'client',
          client_id: app_management(started),
          app_id: scene.appId,
          name: 'Stolen',
          settings: {},
        }),
        `{"kind":"user","email":"${'x'.repeat(1_100_000)}"}`,
        JSON.stringify({ kind: 'user', email: 'good2@r.example' }),
        JSON.stringify({ ...application, app_id: 'with-a-secret' }),
      ].join('\n');
      const { app, result } = await offline(started, storage, () =>
        tessera(started, ['import', '--refused', file], input),
      );
      expect(result.code).toBe(3);
      const refused = readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { line: number; reason: string });
      rmSync(folder, { recursive: true });
      const reasons = Object.fromEntries(refused.map(({ line, reason }) => [line, reason]));
      expect(reasons).toEqual({
        2: expect.stringContaining('not JSON'),
        3: expect.stringContaining('not a JSON object'),
        4: expect.stringContaining('kind: must be one of'),
        7: expect.stringMatching(/unique|another user/),
        8: expect.stringContaining('nickname is not a known field'),
        9: expect.stringContaining('password_hash: not a hash'),
        10: expect.stringContaining('costs too much'),
        11: expect.stringContaining('there is no application nobody'),
        12: expect.stringContaining('needed to sign in'),
        13: expect.stringContaining('redirect_uris'),
        14: expect.stringContaining('app_id: there is no such app'),
        15: expect.stringContaining('app_id never changes'),
        16: expect.stringContaining('longer than'),
        18: expect.stringContaining('auth_methods.google.clientSecret is not a known field'),
      });
      expect(result.stdout).toContain('user: 2 created');
      const admin = api(app, await adminToken(app));
      expect(
        (await admin.get('/v1/users/count?search=email%20ew%20%22%40r.example%22')).body.result.user_count,
      ).toBe(2);
      expect(
        (await admin.get(`/v1/applications/${scene.appId}/clients`)).body.map(
          (one: { name: string }) => one.name,
        ),
      ).toEqual(['Shop web']);
    },
    PATIENCE_MS,
  );

  it(
    'finds a user by username, keeps bytes as they are, and lets no role of an application limit a client',
    async () => {
      const { app: started, storage } = await open();
      const scene = await setScene(started);
      const admin = api(started, await adminToken(started));
      const made = await admin.post(`/v1/applications/${scene.appId}/roles`, { role_name: 'clerk' });
      const role = made.body.result.role_id;
      const named = jsonLines({
        kind: 'user',
        applications: [{ app_id: scene.appId, username: 'Only-Name' }],
      });
      const bad = Buffer.concat([
        Buffer.from(
          jsonLines({ kind: 'client_role', client_id: scene.clientId, role_id: role, position: 0 }),
        ),
        Buffer.from(
          jsonLines({ kind: 'role', role_id: 'nonsense', role_name: 'N', permissions: ['nonsense'] }),
        ),
        Buffer.from('{"kind":"user","email":"b\xffd@x.example"}\n', 'latin1'),
      ]);
      const { result } = await offline(started, storage, async () => ({
        once: await tessera(started, ['import'], named),
        twice: await tessera(started, ['import'], named),
        bad: await tessera(started, ['import'], bad),
      }));
      expect(result.once.stdout).toContain('user: 1 created');
      expect([result.twice.code, result.twice.stdout]).toEqual([0, expect.stringContaining('1 unchanged')]);
      expect(result.bad.stdout).toMatch(
        /line 1: role_id: there is no such role.*line 2: permissions.*line 3: the line is not UTF-8/s,
      );
      expect(result.bad.stdout).not.toMatch(/[1-9]\d* (created|updated)/);
    },
    PATIENCE_MS,
  );

  it(
    'goes on where it is told to',
    async () => {
      const { app: started, storage } = await open();
      const lines = jsonLines(
        ...['a', 'b', 'c'].map((name) => ({ kind: 'user', email: `${name}@resume.example` })),
      );
      const { app, result } = await offline(started, storage, async () => ({
        rest: await tessera(started, ['import', '--resume-from', '3'], lines),
        bad: await tessera(started, ['import', '--resume-from', 'x'], lines),
        unknown: await tessera(started, ['import', '--fast'], lines),
      }));
      expect([result.rest.code, result.rest.stdout]).toEqual([0, expect.stringContaining('user: 1 created')]);
      expect([result.bad.code, result.bad.stderr]).toEqual([1, expect.stringContaining('--resume-from')]);
      expect([result.unknown.code, result.unknown.stderr]).toEqual([1, expect.stringContaining('--fast')]);
      expect(
        (await api(app, await adminToken(app)).get('/v1/users?search_prefix=c%40resume')).body.total_count,
      ).toBe(1);
    },
    PATIENCE_MS,
  );
});

const app_management = (app: App): string => app.management.clientId;
