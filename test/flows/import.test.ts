/** Every way in which a file can be wrong, ends early, or says less than before (issue 4: import and export). */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromJsonLines, jsonLines, tesseraReading } from '../support/command-line.ts';
import { Deployments } from '../support/deployments.ts';
import { storages } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import type { App } from '../support/start-app.ts';

const PATIENCE_MS = 120_000;
const HEADER = { tessera: 'export', version: 1 };
const user = (name: string, more: object = {}) => ({ kind: 'user', email: `${name}@r.example`, ...more });

// What is decided here is decided before the database: one storage, the largest there is, is enough.
describe.each(storages.slice(-1))('an import ($name)', ({ options }) => {
  const deployments = new Deployments(options);
  let app: App;
  let scene: Scene;
  let admin: Api;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-import-'));
    app = await deployments.open();
    scene = await setScene(app);
    admin = api(app, await adminToken(app));
  }, PATIENCE_MS);
  afterAll(async () => {
    await deployments.discard();
    rmSync(folder, { recursive: true });
  });

  /** Runs commands on the database; the server goes on afterwards. */
  async function offline<T>(work: () => Promise<T>): Promise<T> {
    const after = await deployments.offline(app, work);
    app = after.app;
    return after.result;
  }
  const run = (lines: readonly unknown[] | Buffer, ...args: string[]) =>
    tesseraReading(app, ['import', ...args], Buffer.isBuffer(lines) ? lines : jsonLines(lines));
  /** As `run`, with the reasons by line. */
  async function refusing(lines: readonly unknown[] | Buffer, ...args: string[]) {
    const file = join(folder, randomBytes(6).toString('hex'));
    const ran = await run(lines, '--refused', file, ...args);
    const refused = fromJsonLines(readFileSync(file, 'utf8'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    return { ...ran, reasons: Object.fromEntries(refused.map(({ line, reason }) => [Number(line), reason])) };
  }
  const result = async (path: string, body: unknown): Promise<Record<string, string>> => {
    const answer = await admin.post(path, body);
    if (answer.status > 299) throw new Error(JSON.stringify(answer.body));
    return answer.body?.result ?? answer.body ?? {};
  };
  const settings = { redirect_uris: ['https://x.example.com/cb'] };
  const clientOf = (client_id: string, more: object = {}) => ({
    kind: 'client',
    client_id,
    app_id: scene.appId,
    name: 'C',
    settings,
    ...more,
  });
  const samlOf = (client_id: string, sp_entity_id: string, more: object = {}) =>
    clientOf(client_id, { protocol: 'saml', sp_entity_id, settings: {}, ...more });
  const applicationOf = (app_id: string, own: object = {}) => ({
    kind: 'application',
    app_id,
    name: app_id,
    settings: own,
  });

  it(
    'refuses line by line, says why, writes the rest, and never half an object',
    async () => {
      const other = await result('/v1/applications', {
        app_name: 'Other',
        client_display_name: 'Other',
        redirect_uris: ['https://o.example.com/cb'],
      });
      const role = await result(`/v1/applications/${scene.appId}/roles`, { role_name: 'clerk' });
      const group = await result(`/v1/applications/${other.app_id}/role-groups`, { name: 'others' });
      const reader = await result('/v1/roles', { role_name: 'reader', permissions: ['apps:read'] });
      const organization = await result('/v1/organizations', { name: 'Acme', app_ids: [other.app_id] });
      const [org, mine] = [organization.organization_id, scene.appId];
      const logo = (content: string) => ({
        kind: 'organization_logo',
        organization_id: org,
        media_type: 'image/png',
        content,
      });
      const consent = {
        kind: 'consent',
        consent_id: 'consent-1',
        client_id: scene.clientId,
        user_id: 'nobody',
        scope: 'openid',
        expires_at: '2126-01-01T00:00:00.000Z',
      };
      const passkey = {
        kind: 'passkey',
        credential_id: 'AAAA',
        user_id: scene.person.userId,
        rp_id: 'shop.example.com',
        username: 'x',
        user_handle: 'AAAA',
        public_key: 'AAAA',
      };
      const delegated = {
        kind: 'delegated_consent',
        consent_id: 'delegated-1',
        actor_id: scene.person.userId,
        subject_id: 'nobody',
        permissions: ['orders:read'],
        validity_seconds: 3600,
        expires_at: '2126-01-01T00:00:00.000Z',
      };
      const cases: [unknown, RegExp][] = [
        ['not json', /not JSON/],
        // Those are kept apart from the settings, sealed under the master key of one deployment.
        [
          {
            kind: 'application',
            app_id: 'with-a-secret',
            name: 'Bad',
            settings: {
              login_preferences: { auth_methods: { google: { clientId: 'g', clientSecret: 'x' } } },
            },
          },
          /auth_methods.google.clientSecret is not a known field/,
        ],
        ['[]', /not a JSON object/],
        ['"user"', /not a JSON object/],
        ['{"kind":"nothing"}', /kind: must be one of/],
        [{ email: 'x@r.example' }, /kind: must be one of/],
        [HEADER, /the header of an export stands in the first line/],
        [user('a', { nickname: 'x' }), /nickname is not a known field/],
        [user('b', { name: { nick: 'x' } }), /name.nick is not a known field/],
        [user('c', { email: 'nobody' }), /email/],
        [user('d', { tenant_id: 'another' }), /tenant_id is not a known field/],
        [user('e', { applications: [{ app_id: 'nowhere' }] }), /there is no application nowhere/],
        [user('f', { roles: ['nothing'] }), /there is no role nothing/],
        [user('f2', { roles: [reader.role_id] }), /there is no role/],
        [user('g', { password_hash: 'plain' }), /password_hash: not a hash/],
        [user('h', { password_hash: `$2b$31$${'a'.repeat(53)}` }), /costs too much/],
        [user('i', { user_id: 'x/../y' }), /user_id: must be an id/],
        [user('nul', { name: { first_name: 'a\u0000b' } }), /NUL/],
        [{ kind: 'user', language: 'de' }, /needed to sign in/],
        [user('j', { birthday: '1990-02-30' }), /birthday/],
        [user('k', { created_at: 'yesterday' }), /created_at/],
        [user('l', { password_hash: null }), /password_hash/],
        [user('taken', { email: scene.person.identifier, user_id: 'somebody-else' }), /another user/],
        [clientOf('c-1', { settings: { redirect_uris: ['javascript:alert(1)'] } }), /redirect_uris/],
        [clientOf('c-2', { app_id: 'nobody' }), /app_id: there is no such app/],
        [clientOf(app.management.clientId), /app_id never changes/],
        [
          clientOf(scene.clientId, { protocol: 'saml', sp_entity_id: 'urn:x', settings: {} }),
          /protocol never/,
        ],
        [
          clientOf('c-3', { settings: { ...settings, client_group_id: 'none' } }),
          /unknown client group none/,
        ],
        [clientOf('c-4', { protocol: 'saml', settings: {} }), /sp_entity_id is required/],
        [clientOf('c-6', { is_default: true }), /is_default: the default client of the application is/],
        [samlOf('c-5', 'urn:c-5', { settings: { want_authn_requests_signed: true } }), /sp_certificates/],
        [
          { kind: 'client_role', client_id: scene.clientId, role_id: role.role_id, position: 0 },
          /no such role/,
        ],
        [
          { kind: 'client_role', client_id: app.management.clientId, role_id: reader.role_id, position: 0 },
          /a client of a management application/,
        ],
        [{ ...applicationOf(mine), kind_of_application: 'management' }, /kind_of_application never changes/],
        [applicationOf('a-1', { service_providers: ['none'] }), /unknown service provider none/],
        [applicationOf('a-2', { login_preferences: { auth_methods: { x: {} } } }), /x is not a known field/],
        [{ kind: 'role', role_id: 'r-1', role_name: 'N', permissions: ['nonsense'] }, /permissions/],
        [
          { kind: 'role_group_role', group_id: group.group_id, role_id: role.role_id, position: 0 },
          /another application than the role group/,
        ],
        [
          {
            kind: 'organization_role',
            organization_id: org,
            app_id: other.app_id,
            role_id: role.role_id,
            position: 0,
          },
          /the application of this line has no such role/,
        ],
        [
          {
            kind: 'application_role',
            entity_type: 'Application',
            entity_id: 'nowhere',
            role_id: role.role_id,
          },
          /entity_id: there is no such app/,
        ],
        [logo(Buffer.from('<svg onload="x"/>').toString('base64')), /must be a PNG/],
        [logo('A'.repeat(400_000)), /content/],
        [consent, /user_id: there is no such user/],
        [{ ...passkey, user_id: 'nobody' }, /user_id: there is no such user/],
        [{ ...passkey, credential_id: 'AAAB', app_id: 'nowhere' }, /app_id: there is no such app/],
        [{ ...passkey, credential_id: 'not base64url!' }, /credential_id/],
        [{ ...passkey, rp_id: 'https://shop.example.com/' }, /rp_id/],
        [{ ...passkey, counter: -1 }, /counter/],
        [{ ...passkey, sealed_secret: 'x' }, /sealed_secret is not a known field/],
        [delegated, /subject_id: there is no such user/],
        [{ ...delegated, consent_id: 'd-2', subject_id: delegated.actor_id }, /are one user/],
        [{ ...delegated, consent_id: 'd-3', app_id: 'nowhere' }, /app_id: there is no such app/],
        [{ ...delegated, consent_id: 'd-4', permissions: ['openid'] }, /cannot be delegated/],
        [{ ...delegated, consent_id: 'd-5', validity_seconds: 1e12 }, /validity_seconds/],
        [user('o', { former_password_hashes: [{ password_hash: 'plain' }] }), /former_password_hashes/],
        [
          user('p', { former_password_hashes: [{ password_hash: `$2b$31$${'a'.repeat(53)}` }] }),
          /former_password_hashes/,
        ],
        [`{"kind":"user","email":"${'x'.repeat(1_100_000)}"}`, /longer than/],
      ];
      const lines = [user('good-1'), ...cases.map(([line]) => line), user('good-2')];
      const text = Buffer.concat([
        Buffer.from(jsonLines(lines)),
        Buffer.from('{"kind":"user","email":"b\xffd@r.example"}\n', 'latin1'),
      ]);
      const dry = await offline(() => run(text, '--dry-run'));
      const { code, stdout, stderr, reasons } = await offline(() => refusing(text));
      expect([dry.code, code, stderr]).toEqual([3, 3, '']);
      expect(dry.stdout.split('\n').slice(1)).toEqual(stdout.split('\n'));
      for (const [at, [, reason]] of cases.entries())
        expect([at, reasons[at + 2]]).toEqual([at, expect.stringMatching(reason)]);
      expect(reasons[lines.length + 1]).toBe('the line is not UTF-8');
      expect(Object.keys(reasons)).toHaveLength(cases.length + 1);
      expect(stdout).toContain('user: 2 created, 0 updated, 0 unchanged');
      const search = await admin.get('/v1/users/count?search=email%20ew%20%22%40r.example%22');
      expect(search.body.result.user_count).toBe(2);
      const clients = await admin.get(`/v1/applications/${scene.appId}/clients`);
      expect(clients.body.map((one: { name: string }) => one.name)).toEqual(['Shop web']);
    },
    PATIENCE_MS,
  );

  it(
    'refuses an identifier that the file named before, within a batch and across batches, with both lines',
    async () => {
      const crowd = Array.from({ length: 600 }, (_, at) => user(`crowd-${at}`));
      const member = (username: string) => ({ applications: [{ app_id: scene.appId, username }] });
      const resource = { access_token_ttl: 60, refresh_token_ttl: 60, max_refresh_rotate: 60, name: 'R' };
      const lines = [
        ...crowd,
        user('Crowd-0', { language: 'nl' }), // 601
        user('twin', { phone_number: '+31600000001', user_id: 'twin', ...member('Twin') }),
        user('twin-2', { phone_number: '+31600000001' }), // 603
        user('twin-3', member('tWIN')), // 604
        user('twin-4', { user_id: 'twin' }), // 605
        { kind: 'resource', resource_id: 'res-1', uri: 'https://r-1.example.com', ...resource },
        { kind: 'resource', resource_id: 'res-2', uri: 'https://r-1.example.com', ...resource }, // 607
        { kind: 'resource', resource_id: 'res-1', uri: 'https://r-2.example.com', ...resource }, // 608
        applicationOf('twin-app-1', { subdomain: 'twins' }),
        applicationOf('twin-app-2', { subdomain: 'twins' }), // 610
        samlOf('twin-saml-1', 'urn:twins'),
        samlOf('twin-saml-2', 'urn:twins'), // 612
        samlOf('twin-saml-1', 'urn:others'), // 613
      ];
      const { stdout, reasons } = await offline(() => refusing(lines));
      expect(reasons).toEqual({
        601: 'line 601 names the email that line 1 names already',
        603: 'line 603 names the phone_number that line 602 names already',
        604: 'line 604 names the username that line 602 names already',
        605: 'line 605 names the user_id that line 602 names already',
        607: 'line 607 names the uri that line 606 names already',
        608: 'line 608 names the resource_id that line 606 names already',
        610: 'line 610 names the subdomain that line 609 names already',
        612: 'line 612 names the sp_entity_id that line 611 names already',
        613: 'line 613 names the client_id that line 611 names already',
      });
      expect(stdout).toContain('user: 601 created, 0 updated, 0 unchanged, 4 refused');
      // By different identifiers, and after a resumption: one object stays one object.
      const one = [
        user('twin', { language: 'nl' }),
        { kind: 'user', phone_number: '+31600000001', language: 'de' },
        user('twin', { language: 'fr' }),
      ];
      const again = await offline(() => refusing(one, '--resume-from', '2'));
      expect(again.reasons).toEqual({ 3: 'line 3 names the email that line 1 names already' });
      const both = await offline(() => refusing(one.slice(0, 2)));
      expect(both.reasons).toEqual({ 2: 'line 2 names the user_id that line 1 names already' });
    },
    PATIENCE_MS,
  );

  it(
    'gives a domain, a name and the place of the Authentication Hub to one application only',
    async () => {
      const hub = { authenticator_preferences: { is_centralized: true, login_uri: '' } };
      const domain = { domain: 'id.one.example.com', updated_at: '2026-01-01T00:00:00Z', status: 'verified' };
      const first = [
        applicationOf('one', { ...hub, custom_domain: domain, subdomain: 'one' }),
        samlOf('one-saml', 'urn:one'),
        { kind: 'group', group_id: 'group-1', name: 'one' },
        { kind: 'organization', organization_id: 'org-1', name: 'one' },
      ];
      const second = [
        applicationOf('two', hub),
        applicationOf('three', { custom_domain: domain }),
        applicationOf('four', { subdomain: 'one' }),
        samlOf('two-saml', 'urn:one'),
        { kind: 'group', group_id: 'group-2', name: 'one' },
        { kind: 'organization', organization_id: 'org-2', name: 'one' },
        user('five', { user_id: 'five' }),
      ];
      const made = await offline(async () => ({ once: await run(first), taken: await refusing(second) }));
      expect(made.once.code).toBe(0);
      expect(made.taken.reasons).toEqual({
        1: expect.stringContaining('another application is the Authentication Hub'),
        2: 'custom_domain belongs to another application',
        3: 'subdomain belongs to another application',
        4: 'sp_entity_id belongs to another client',
        5: 'name belongs to another group',
        6: 'name belongs to another organization',
      });
      const moved = await admin.get('/v1/applications/one');
      expect(moved.body.result.custom_domain).toEqual(domain);
    },
    PATIENCE_MS,
  );

  it(
    'removes secrets and links that an export lacks of what it lists; a plain list, and a file with a refused line, removes nothing',
    async () => {
      const at = `/v1/applications/${scene.appId}`;
      const role = await result(`${at}/roles`, { role_name: 'seller' });
      const exported = (await offline(() => tesseraReading(app, ['export']))).stdout;
      const late = await result(`${at}/roles`, { role_name: 'late' });
      const assign = (id = '') =>
        result(`${at}/roles/${id}/assignments`, { entity_ids: [scene.person.userId], entity_type: 'User' });
      await assign(role.role_id);
      await assign(late.role_id);
      const tokens = await scene.rp.signIn(app, scene.person, {
        parameters: { scope: 'openid offline_access', prompt: 'consent' },
      });
      const { refresh_token: refreshToken = '' } = await scene.rp.refresh(tokens.refresh_token ?? '');
      const secret = await result(`${at}/clients/${scene.clientId}/secrets`, {});
      const second = { clientId: scene.clientId, clientSecret: secret.client_secret ?? '' };
      await admin.put(`${at}/clients/${scene.clientId}`, { resources: [] });
      const lines = exported.trim().split('\n');
      const withoutHeader = await offline(() => run(lines.slice(1)));
      expect([withoutHeader.code, withoutHeader.stdout]).toEqual([0, expect.not.stringContaining('removed')]);
      const refused = await offline(() => run([...lines, 'x']));
      const resumed = await offline(() => run([lines[0], 'x', ...lines.slice(1)], '--resume-from', '3'));
      for (const { stdout } of [refused, resumed]) {
        expect(stdout).toContain('Secrets and links that the file does not have were left');
        expect(stdout).not.toContain('removed');
      }
      await clientToken(app, second);

      const whole = await offline(() => run(lines));
      expect([whole.code, whole.stdout]).toEqual([0, expect.stringMatching(/client_secret: .*, 1 removed/)]);
      expect(await offline(() => run(lines))).toMatchObject({
        stdout: expect.not.stringMatching(/[1-9]\d* (created|updated|removed)/),
      });
      await expect(clientToken(app, second)).rejects.toThrow(/401/);
      await clientToken(app, scene);
      // Roles of a person changed (contract/tokens-and-sessions.md 5).
      await expect(scene.rp.refresh(refreshToken)).rejects.toMatchObject({ error: 'invalid_grant' });
      const after = fromJsonLines((await offline(() => tesseraReading(app, ['export']))).stdout);
      const person = after.find((line) => line.user_id === scene.person.userId);
      // The role that the file lists is taken; the one that it does not know stays.
      expect(person?.roles).toEqual([late.role_id]);
    },
    PATIENCE_MS,
  );

  it(
    'never sets back a passkey or a delegated consent that is there, gives them to nobody else, and removes what the export lacks (WebAuthn 6.1.1)',
    async () => {
      const [actor_id, one] = [scene.person.userId, 'pk-one'];
      const people = [user(one, { user_id: one }), user('pk-two', { user_id: 'pk-two' })];
      const passkey = (more: object = {}) => ({
        kind: 'passkey',
        credential_id: 'cGst',
        user_id: one,
        rp_id: 'shop.example.com',
        username: one,
        user_handle: 'AAAA',
        public_key: 'AAAA',
        counter: 7,
        ...more,
      });
      const consent = (more: object = {}) => ({
        kind: 'delegated_consent',
        consent_id: 'kept',
        actor_id,
        subject_id: one,
        permissions: ['orders:read'],
        validity_seconds: 3600,
        expires_at: '2126-01-01T00:00:00.000Z',
        ...more,
      });
      const made = await offline(() => run([...people, passkey(), consent()]));
      expect([made.code, made.stdout]).toEqual([0, expect.stringContaining('delegated_consent: 1 created')]);
      const back = await offline(() =>
        run([
          passkey({ counter: 3, last_used_at: '2020-01-01T00:00:00Z' }),
          consent({ permissions: ['orders:write'], granted_at: '2026-01-01T00:00:00Z' }),
        ]),
      );
      expect(back.stdout).toContain('passkey: 0 created, 0 updated, 1 unchanged');
      expect(back.stdout).toContain('delegated_consent: 0 created, 0 updated, 1 unchanged');
      const stolen = await offline(() =>
        refusing([passkey({ user_id: 'pk-two' }), consent({ actor_id: 'pk-two' }), passkey({ counter: 1 })]),
      );
      expect(stolen.reasons).toEqual({
        1: expect.stringContaining('user_id never changes'),
        2: expect.stringContaining('actor_id never changes'),
        3: 'line 3 names the credential_id that line 1 names already',
      });
      const exported = fromJsonLines((await offline(() => tesseraReading(app, ['export']))).stdout);
      expect(exported.find((line) => line.kind === 'passkey')).toMatchObject({ counter: 7, user_id: one });
      expect(exported.find((line) => line.consent_id === 'kept')).toMatchObject({
        permissions: ['orders:read'],
        granted_at: null,
      });
      const lacking = exported.filter(({ kind }) => kind !== 'passkey' && kind !== 'delegated_consent');
      const { stdout } = await offline(() => run(lacking));
      expect(stdout).toMatch(/passkey: .*, 1 removed/);
      expect(stdout).toMatch(/delegated_consent: .*, 1 removed/);
    },
    PATIENCE_MS,
  );

  it(
    'gives a SAML client the key that its algorithm needs, and no algorithm that its key here cannot do',
    async () => {
      const withAlgorithm = (signature_algorithm: string) =>
        samlOf('ec-saml', 'urn:ec-saml', { settings: { signature_algorithm } });
      const certificate = { kind: 'saml_certificate', certificate_id: 'x', client_id: 'ec-saml', pem: 'PEM' };
      const { once, twice, other } = await offline(async () => ({
        once: await run([withAlgorithm('ecdsa-sha384')]),
        twice: await run([withAlgorithm('ecdsa-sha384'), { ...certificate, status: 'previous' }]),
        other: await refusing([
          withAlgorithm('rsa-sha256'),
          { ...certificate, status: 'next' },
          { ...certificate, certificate_id: 'y', status: 'gone' },
          { ...certificate, certificate_id: 'z', private_key: 'x' },
        ]),
      }));
      expect([once.code, twice.code, other.code]).toEqual([0, 0, 3]);
      expect(once.stdout).toContain('SAML client ec-saml has a new signing key');
      expect(twice.stdout).not.toMatch(/[1-9]\d* (created|updated|removed)|To know/);
      expect(other.reasons).toEqual({
        1: expect.stringContaining('signature_algorithm rsa-sha256 needs an RSA key'),
        3: expect.stringContaining('status'),
        4: expect.stringContaining('private_key is not a known field'),
      });
      expect(other.stdout).toContain('next certificate of SAML client ec-saml stays with its key');
      const at = `/v1/applications/${scene.appId}/clients/ec-saml/saml-certificates`;
      expect((await admin.get(at)).body).toMatchObject([{ status: 'current', key_type: 'p-384' }]);
    },
    PATIENCE_MS,
  );

  it(
    'finishes what is under way when it is interrupted, says where to go on, and ends in the same state then',
    async () => {
      const list = Array.from({ length: 3000 }, (_, at) =>
        user(`slow-${at}`, { custom_data: { note: 'x'.repeat(600) } }),
      );
      const half = list.length / 2;
      /** Comes when the first half was taken off the pipe. */
      const interrupted = (signal: 'SIGINT' | 'SIGTERM', ...args: string[]) =>
        tesseraReading(app, ['import', ...args], (child) => {
          child.stdin.write(jsonLines(list.slice(0, half)), () => {
            child.kill(signal);
            child.stdin.write(jsonLines(list.slice(half)));
          });
        });
      const dry = await offline(() => interrupted('SIGTERM', '--dry-run'));
      expect([dry.code, dry.stderr]).toEqual([
        143,
        expect.stringMatching(/^Interrupted after \d+ lines\.\n$/),
      ]);
      const first = await offline(() => interrupted('SIGINT'));
      const [, read, next] =
        /^Interrupted after (\d+) lines\. Go on with --resume-from (\d+).\n$/.exec(first.stderr) ?? [];
      expect([first.code, Number(next)]).toEqual([130, Number(read) + 1]);
      expect(first.stdout).toContain(`user: ${read} created`);
      const rest = await offline(async () => ({
        resumed: await run(list, '--resume-from', String(next)),
        again: await run(list),
        bad: await run(list, '--resume-from', 'x'),
        unknown: await run(list, '--fast'),
      }));
      expect([rest.resumed.code, rest.again.code]).toEqual([0, 0]);
      const left = list.length - Number(read);
      // The input was left open: even where all of it was read, the command would have waited for more.
      const created = `  user: ${left} created, 0 updated, 0 unchanged, 0 refused\n`;
      expect(rest.resumed.stdout).toBe(left === 0 ? '' : created);
      expect(rest.again.stdout).toContain(`user: 0 created, 0 updated, ${list.length} unchanged`);
      expect([rest.bad.code, rest.bad.stderr]).toEqual([1, expect.stringContaining('--resume-from')]);
      expect([rest.unknown.code, rest.unknown.stderr]).toEqual([1, expect.stringContaining('--fast')]);
    },
    PATIENCE_MS,
  );

  it(
    'exports every line to a reader that is slower than we are',
    async () => {
      const { code, stdout } = await offline(() =>
        tesseraReading(app, ['export'], ({ stdin, stdout: output }) => {
          stdin.end();
          output.on('data', () => {
            output.pause();
            setTimeout(() => output.resume(), 40);
          });
        }),
      );
      const sent = fromJsonLines(stdout).filter(({ email }) => String(email).startsWith('slow-'));
      expect([code, sent.length]).toEqual([0, 3000]);
    },
    PATIENCE_MS,
  );

  it(
    'finds a user by username alone, and refuses a file of another version',
    async () => {
      const named = [{ kind: 'user', applications: [{ app_id: scene.appId, username: 'Only-Name' }] }];
      const ran = await offline(async () => ({
        once: await run(named),
        twice: await run(named),
        version: await run([{ ...HEADER, version: 2 }, user('from-the-future')]),
        unwritable: await run(named, '--refused', '/nowhere/at/all'),
      }));
      expect(ran.once.stdout).toContain('user: 1 created');
      expect([ran.twice.code, ran.twice.stdout]).toEqual([0, expect.stringContaining('1 unchanged')]);
      expect(ran.version).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('version 1'),
      });
      expect([ran.unwritable.code, ran.unwritable.stderr]).toEqual([
        1,
        expect.stringMatching(/^tessera: [^\n]+\n$/),
      ]);
    },
    PATIENCE_MS,
  );
});
