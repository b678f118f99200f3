/** Configuration as code: `apply` and `diff` as an operator runs them, against a running server (issue: management API). */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { parse, stringify } from 'yaml';
import { APPLY } from '../../src/cli/apply-command.ts';
import { readConfig } from '../../src/config/config.ts';
import { managerOf, type Ran, tessera } from '../support/command-line.ts';
import { type StorageOptions, storages } from '../support/engines.ts';
import { type Interference, interferingProxy } from '../support/interfering-proxy.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'docs', 'examples', 'tessera.yaml');

// Redis holds nothing that this is about.
const lasting = storages.filter(({ name }) => name !== 'postgres+redis');

describe.each(lasting)('tessera apply and diff over $name', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let admin: Api;
  let folder: string;
  let manager: Record<string, string>;

  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    admin = api(app, await adminToken(app));
    folder = mkdtempSync(join(tmpdir(), 'tessera-apply-'));
    manager = managerOf(app);
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await app.discard();
    await storage.release();
  });

  /** The path of a new file with this content. */
  function file(content: unknown, ending = 'yaml'): string {
    const path = join(folder, `${randomBytes(6).toString('hex')}.${ending}`);
    writeFileSync(path, typeof content === 'string' ? content : stringify(content));
    return path;
  }
  const run = (...args: string[]): Promise<Ran> => tessera(args, manager);
  const unique = (word: string): string => `${word} ${randomBytes(4).toString('hex')}`;
  /** A file for an application of its own, so that tests do not meet. */
  const small = (name: string, client: Record<string, unknown> = {}) => ({
    tessera: 1,
    applications: [
      {
        app_name: name,
        clients: [{ name: 'Web', redirect_uris: ['https://a.example.com/cb'], ...client }],
      },
    ],
  });
  async function appNamed(name: string): Promise<Record<string, string> | undefined> {
    const { body } = await admin.get('/v1/applications');
    return body.result.find((one: { app_name: string }) => one.app_name === name);
  }
  async function clientsOf(name: string): Promise<Record<string, unknown>[]> {
    return (await admin.get(`/v1/applications/${(await appNamed(name))?.app_id}/clients`)).body;
  }
  async function through(
    interfere: Interference,
    ...args: string[]
  ): Promise<Ran & { calls: readonly string[] }> {
    const proxy = await interferingProxy(app.url, interfere);
    const ran = await tessera([...args, '--url', proxy.url], manager);
    await proxy.close();
    return { ...ran, calls: proxy.calls };
  }

  describe('with the example file', () => {
    it('reports everything as missing, and --dry-run makes nothing; both exit with 2', async () => {
      const [drift, dry] = [await run('diff', EXAMPLE), await run('apply', EXAMPLE, '--dry-run')];
      expect([drift.code, dry.code]).toEqual([2, 2]);
      expect(drift.stdout).toContain('missing on the server: client "Shop web" of application "Shop"');
      expect(dry.stdout).toContain('+ create resource https://api.shop.example.com\n    name: "Shop API"');
      expect(await appNamed('Shop')).toBeUndefined();
    });

    it('makes all, shows the secrets once, and they work', async () => {
      const { code, stdout, stderr } = await run('apply', EXAMPLE);
      expect([code, stderr]).toEqual([0, '']);
      const [, clientId = '', clientSecret = ''] =
        /client "Shop reports"[\s\S]*?client_id: (\S+)\s+client_secret: (\S+)/.exec(stdout) ?? [];
      expect(await clientToken(app, { clientId, clientSecret })).toMatch(/^ey/);
      expect(stdout.match(/client_secret: /g)).toHaveLength(3);
      const shop = await appNamed('Shop');
      const resource = (await admin.get('/v1/resources/uri?resourceUri=https://api.shop.example.com')).body
        .result;
      const [web, phone, reports] = await clientsOf('Shop');
      expect(shop).toMatchObject({ app_description: 'Where customers buy', client_id: web?.client_id });
      expect(web).toMatchObject({
        resources: [resource.resource_id],
        token_expiration: { access_token_ttl: 600 },
      });
      expect(phone).toMatchObject({ client_type: 'native', token_endpoint_auth_method: 'none' });
      const role = (await admin.get('/v1/roles')).body.result.find(
        (one: { role_name: string }) => one.role_name === 'user-reader',
      );
      expect(reports).toMatchObject({ role_ids: [role.role_id] });
      const [staff] = (await admin.get(`/v1/applications/${shop?.app_id}/role-groups`)).body.result;
      expect(staff.roles.map((one: { role_name: string }) => one.role_name).sort()).toEqual([
        'clerk',
        'customer',
      ]);
    });

    it('finds nothing to do the second time, whatever the server filled in', async () => {
      expect(await run('apply', EXAMPLE)).toEqual({
        code: 0,
        stdout: 'Nothing to do: the server matches the file.\n',
        stderr: '',
      });
      expect((await run('diff', EXAMPLE)).code).toBe(0);
      expect((await run('apply', EXAMPLE, '--dry-run')).code).toBe(0);
    });

    it('reads the same as JSON', async () => {
      const json = file(JSON.stringify(parse(readFileSync(EXAMPLE, 'utf8')), undefined, '\t'), 'json');
      expect(await run('diff', json)).toMatchObject({ code: 0, stderr: '' });
    });

    it('reports a change by somebody else as drift, repairs it, and touches nothing that the file does not name', async () => {
      const shop = await appNamed('Shop');
      const [web] = await clientsOf('Shop');
      const client = `/v1/applications/${shop?.app_id}/clients/${web?.client_id}`;
      const drifted = {
        redirect_uris: ['https://elsewhere.example.com/cb'],
        description: 'not in the file',
        token_expiration: { access_token_ttl: 600, refresh_token_ttl: 77, max_refresh_rotate: 88 },
      };
      expect((await admin.put(client, drifted)).status).toBe(200);
      const drift = await run('diff', EXAMPLE);
      expect([drift.code, drift.stdout]).toEqual([
        2,
        '~ differs on the server: client "Shop web" of application "Shop"\n' +
          '    redirect_uris: ["https://elsewhere.example.com/cb"] -> ["https://shop.example.com/callback","http://localhost:8080/callback"]\n',
      ]);
      expect((await run('apply', EXAMPLE)).code).toBe(0);
      expect((await admin.get(client)).body).toMatchObject({
        redirect_uris: ['https://shop.example.com/callback', 'http://localhost:8080/callback'],
        description: 'not in the file',
        token_expiration: { access_token_ttl: 600, refresh_token_ttl: 77, max_refresh_rotate: 88 },
      });
    });

    it('changes everything in one run: a step does not take the ones before it for somebody else', async () => {
      const content = parse(readFileSync(EXAMPLE, 'utf8'));
      const [shop] = content.applications;
      content.client_roles[0].permissions = ['users:read'];
      content.resources[0].access_token_ttl = 901;
      shop.app_description = 'Changed';
      shop.logo = 'https://shop.example.com/logo.png';
      for (const client of shop.clients) client.description = 'Changed';
      shop.roles[0].permissions = [];
      shop.role_groups[0].description = 'Changed';
      const path = file(content);
      const { code, stdout, stderr } = await run('apply', path);
      expect([code, stderr, stdout]).toEqual([0, '', expect.stringContaining('Done: 8 of 8.')]);
      expect((await run('diff', path)).code).toBe(0);
      expect((await run('apply', EXAMPLE)).code).toBe(0);
    });

    it('compares sets without order', async () => {
      const content = parse(readFileSync(EXAMPLE, 'utf8'));
      const [shop] = content.applications;
      shop.clients[0].redirect_uris.reverse();
      shop.clients[0].supported_prompts = ['none', 'login', 'consent'];
      shop.roles[1].permissions.reverse();
      shop.role_groups[0].roles.reverse();
      expect(await run('diff', file(content))).toMatchObject({ code: 0 });
    });

    it('prints the plan as JSON for programs', async () => {
      const content = parse(readFileSync(EXAMPLE, 'utf8'));
      content.resources[0].access_token_ttl = 901;
      const { code, stdout } = await run('diff', file(content), '--json');
      expect([code, JSON.parse(stdout)]).toEqual([
        2,
        {
          changes: [
            {
              action: 'change',
              kind: 'resource',
              name: 'https://api.shop.example.com',
              members: [{ member: 'access_token_ttl', from: 900, to: 901 }],
            },
          ],
        },
      ]);
    });
  });

  describe('--prune', () => {
    const name = unique('Pruned');
    const withTwo = () => {
      const content = small(name);
      const more = { name: 'Second', redirect_uris: [] as string[] };
      return {
        ...content,
        applications: content.applications.map((one) => ({ ...one, clients: [...one.clients, more] })),
      };
    };

    it('deletes what the file left out of its own lists, but not without a yes', async () => {
      expect((await run('apply', file(withTwo()))).code).toBe(0);
      // The list of applications is one of the file's: keep the others out of the way.
      const all = (await admin.get('/v1/applications')).body.result as { app_name: string }[];
      const others = all.filter((one) => one.app_name !== name).map(({ app_name }) => ({ app_name }));
      const content = small(name);
      const path = file({ ...content, applications: [...content.applications, ...others] });
      expect((await run('diff', path)).code).toBe(0);
      expect(await run('diff', path, '--prune')).toMatchObject({
        code: 2,
        stdout: `+ not in the file: client "Second" of application "${name}"\n`,
      });

      const refused = await run('apply', path, '--prune');
      expect([refused.code, refused.stdout]).toEqual([
        1,
        `- delete client "Second" of application "${name}"\n`,
      ]);
      expect(refused.stderr).toContain('deletes one object and there is no terminal to ask at; pass --yes');
      expect(await clientsOf(name)).toHaveLength(2);

      expect((await run('apply', path, '--prune', '--yes')).code).toBe(0);
      expect((await clientsOf(name)).map((client) => client.name)).toEqual(['Web']);
      expect((await run('apply', path, '--prune')).code).toBe(0);
    });

    it('leaves lists alone that the file does not have, management applications and the calling client', async () => {
      const all = (await admin.get('/v1/applications')).body.result as { app_name: string }[];
      const applications = all.map(({ app_name }) => ({ app_name }));
      const ran = await run('apply', file({ tessera: 1, applications }), '--prune', '--yes');
      expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to do') });
      expect(await clientToken(app, app.management)).toMatch(/^ey/);
    });

    it('refuses a file whose own references would be pruned', async () => {
      const uri = `https://${randomBytes(4).toString('hex')}.example.com`;
      const ttl = { access_token_ttl: 60, refresh_token_ttl: 60, max_refresh_rotate: 60 };
      expect((await admin.post('/v1/resources', { name: 'R', uri, ...ttl })).status).toBe(201);
      const content = { ...small(unique('Needy'), { resources: [uri] }), resources: [] };
      const { code, stderr } = await run('apply', file(content), '--prune', '--yes');
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining('is not in the file, so that --prune would delete it'),
      ]);
    });
  });

  describe('at a terminal', () => {
    async function answered(
      answer: string | undefined,
      path: string,
    ): Promise<{ code: number; stderr: string }> {
      const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
      const context = {
        config: readConfig({ PUBLIC_URL: app.url }),
        environment: manager,
        arguments: [path],
        stdin: Object.assign(stdin, { isTTY: true }),
        stdout,
        stderr,
      };
      stdin.end(answer);
      const code = await APPLY.run(context);
      return { code, stderr: String(stderr.read()) };
    }

    it('asks before it changes anything, and takes nothing but yes for a yes', async () => {
      const name = unique('Asked');
      const path = file(small(name));
      for (const answer of ['y\n', 'no\n', '\n', undefined]) {
        const { code, stderr } = await answered(answer, path);
        expect([code, stderr]).toEqual([
          1,
          expect.stringMatching(/Only "yes" is a yes[\s\S]*Nothing was changed/),
        ]);
      }
      expect(await appNamed(name)).toBeUndefined();
      expect((await answered('yes\n', path)).code).toBe(0);
      expect(await appNamed(name)).toBeDefined();
    });
  });

  describe('secrets', () => {
    it('go into a file that only its owner reads, and not to the output', async () => {
      const name = unique('Secretive');
      const secrets = join(folder, 'secrets.jsonl');
      writeFileSync(secrets, '', { mode: 0o644 });
      const { code, stdout } = await run('apply', file(small(name)), '--secrets', secrets);
      const {
        client_id: clientId,
        client_secret: clientSecret,
        ...rest
      } = JSON.parse(readFileSync(secrets, 'utf8'));
      expect([code, rest, statSync(secrets).mode & 0o777]).toEqual([
        0,
        { application: name, client: 'Web' },
        0o600,
      ]);
      expect(stdout).not.toContain(clientSecret);
      expect(await clientToken(app, { clientId, clientSecret })).toMatch(/^ey/);
    });

    it('are asked for before anything is made: a file that cannot be written stops it', async () => {
      const name = unique('Nowhere');
      const { code, stderr } = await run('apply', file(small(name)), '--secrets', join(folder, 'no', 'such'));
      expect([code, stderr]).toEqual([1, expect.stringContaining('cannot be written (ENOENT)')]);
      expect(await appNamed(name)).toBeUndefined();
    });

    it('come with --json in the second document', async () => {
      const { stdout } = await run('apply', file(small(unique('Json'))), '--json');
      const [plan, outcome] = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(plan.changes).toHaveLength(2);
      expect(outcome).toMatchObject({
        not_done: [],
        secrets: [{ client: 'Web', client_secret: expect.any(String) }],
      });
    });
  });

  describe('a conversation that goes wrong', () => {
    it('says that somebody else changed a client after the plan (If-Match, 412) and overwrites nothing', async () => {
      const name = unique('Raced');
      expect((await run('apply', file(small(name)))).code).toBe(0);
      const { app_id } = (await appNamed(name)) ?? {};
      const [web] = await clientsOf(name);
      const client = `/v1/applications/${app_id}/clients/${web?.client_id}`;
      const meanwhile: Interference = async (call) => {
        if (call.startsWith('PUT')) await admin.put(client, { description: 'mine' });
        return undefined;
      };
      const ran = await through(meanwhile, 'apply', file(small(name, { description: 'yours' })));
      expect([ran.code, ran.stderr]).toEqual([
        1,
        expect.stringContaining(
          'changed by somebody else after the plan was made; run the command again for a new plan',
        ),
      ]);
      expect((await admin.get(client)).body.description).toBe('mine');
    });

    it('says the same of a resource or role group, which have no version: they are looked at again right before', async () => {
      const uri = `https://${randomBytes(4).toString('hex')}.example.com`;
      const ttl = { access_token_ttl: 60, refresh_token_ttl: 60, max_refresh_rotate: 60 };
      const content = (name: string) => ({ tessera: 1, resources: [{ uri, name, ...ttl }] });
      const created = await admin.post('/v1/resources', { uri, name: 'A', ...ttl });
      let reads = 0;
      const meanwhile: Interference = async (call) => {
        if (call.startsWith('GET /v1/resources/uri')) reads += 1;
        if (reads === 2)
          await admin.put(`/v1/resources/${created.body.result.resource_id}`, { description: 'mine' });
        return undefined;
      };
      const ran = await through(meanwhile, 'apply', file(content('B')));
      expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('changed by somebody else')]);
      expect((await admin.get(`/v1/resources/uri?resourceUri=${uri}`)).body.result.name).toBe('A');
    });

    it('says after a failure in the middle what was done, keeps the secrets, and goes on from there', async () => {
      const name = unique('Halfway');
      const content = small(name);
      const clients = [
        ...(content.applications[0]?.clients ?? []),
        { name: 'Bad', redirect_uris: ['https://*.example.com'] },
      ];
      const roles = [{ role_name: 'later' }];
      const half = { tessera: 1, applications: [{ app_name: name, clients, roles }] };
      const failed = await run('apply', file(half));
      expect([failed.code, failed.stdout]).toEqual([
        1,
        expect.stringMatching(/client_secret: [\s\S]*Done: 2 of 4/),
      ]);
      expect(failed.stderr).toMatch(
        /create client "Bad"[^\n]* failed: redirect_uris\.0 [\s\S]*Done before:[\s\S]*client "Web"[\s\S]*Not done:[\s\S]*role "later"/,
      );

      const repaired = {
        tessera: 1,
        applications: [{ app_name: name, clients: clients.slice(0, 1), roles }],
      };
      expect(await run('apply', file(repaired))).toMatchObject({
        code: 0,
        stdout: `+ create role "later" of application "${name}"\nDone: 1 of 1.\n`,
      });
    });

    it('ends between two calls when it is interrupted, and says how far it came', async () => {
      const name = unique('Interrupted');
      const { applications } = small(name);
      const path = file({
        tessera: 1,
        applications: [{ ...applications[0], roles: [{ role_name: 'later' }] }],
      });
      let interrupt = (): unknown => undefined;
      const proxy = await interferingProxy(app.url, (call) => {
        if (call === 'POST /v1/applications') interrupt();
        return undefined;
      });
      const ran = await tessera(['apply', path, '--url', proxy.url], manager, (child) => {
        interrupt = () => child.kill('SIGINT');
      });
      await proxy.close();
      expect([ran.code, ran.stdout]).toEqual([
        1,
        expect.stringMatching(/client_secret: [\s\S]*Done: 2 of 3/),
      ]);
      expect(ran.stderr).toContain('failed: interrupted');
    });

    it('waits as long as a busy server asks (429, 503, C14)', async () => {
      const busy = [429, 503, 429];
      const headers = { 'retry-after': '0', 'content-type': 'application/json' };
      const refuse: Interference = (call) => {
        const status = call.startsWith('POST') ? busy.pop() : undefined;
        return status === undefined ? undefined : { status, headers, body: '{"message":"busy"}' };
      };
      const ran = await through(refuse, 'apply', file(small(unique('Patient'))));
      expect([ran.code, busy]).toEqual([0, []]);
    });
  });

  describe('who may not', () => {
    const refusedWith = (env: Record<string, string>): Promise<Ran> =>
      tessera(['apply', EXAMPLE], { ...manager, ...env });

    it.each([
      ['a wrong secret', { TESSERA_CLIENT_SECRET: 'wrong' }, /credentials are wrong/],
      ['an unknown client', { TESSERA_CLIENT_ID: 'nobody' }, /credentials are wrong/],
      [
        'no credentials',
        { TESSERA_CLIENT_ID: '', TESSERA_CLIENT_SECRET: '' },
        /TESSERA_CLIENT_ID[\s\S]*TESSERA_CLIENT_SECRET/,
      ],
      [
        'a file of credentials that is not there',
        { TESSERA_CLIENT_ID: '', TESSERA_CLIENT_ID_FILE: '/no/such' },
        /cannot be read \(ENOENT\)/,
      ],
    ])('says so for %s', async (_what, env, sentence) => {
      const { code, stdout, stderr } = await refusedWith(env);
      expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(sentence)]);
      expect(stderr).not.toMatch(/^\s+at /m);
    });

    it('refuses the client of an end-user application, which sees one application only (R2)', async () => {
      const { clientId = '', clientSecret = '' } = app.demo ?? {};
      const env = { TESSERA_CLIENT_ID: clientId, TESSERA_CLIENT_SECRET: clientSecret };
      const { code, stderr } = await refusedWith(env);
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining('use a client of a management application'),
      ]);
    });

    it('takes credentials from files', async () => {
      const env = {
        PUBLIC_URL: app.url,
        TESSERA_CLIENT_ID_FILE: file(`${app.management.clientId}\n`),
        TESSERA_CLIENT_SECRET_FILE: file(`${app.management.clientSecret}\n`),
      };
      expect((await tessera(['diff', EXAMPLE], env)).code).toBe(0);
    });

    it('says that nobody is there, or somebody else', async () => {
      const gone = await run('apply', EXAMPLE, '--url', `http://localhost:${await freePort()}`);
      expect([gone.code, gone.stderr]).toEqual([
        1,
        expect.stringMatching(/cannot be reached \(ECONNREFUSED\)/),
      ]);
      const other = await through(() => ({ status: 200, body: '<html>' }), 'apply', EXAMPLE);
      expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('the address of a Tessera?')]);
    });
  });

  describe('a file with faults', () => {
    it('is refused with every fault and its place, before the server is asked anything', async () => {
      const path = file(
        [
          'tessera: 2',
          'resources:',
          '  - uri: https://x.example.com',
          '    nam: X',
          '    access_token_ttl: soon',
          '  - uri: https://x.example.com',
          'applications:',
          '  - app_name: A',
          '    redirect_uris: []',
          '    clients:',
          '      - resources: one',
        ].join('\n'),
      );
      const { code, stderr, calls } = await through(() => undefined, 'apply', path);
      const places = stderr
        .trim()
        .split('\n')
        .map((line) => line.slice('tessera: '.length + path.length + 1));
      expect([code, calls]).toEqual([1, []]);
      expect(places).toEqual([
        '1:1: the file must say "tessera: 1", the version of its form',
        expect.stringMatching(/^4:5: "nam" is not a member of an entry of resources; known are uri, name/),
        '5:5: resource: access_token_ttl: expected number, received string',
        expect.stringMatching(/^6:5: the resource "https:\/\/x.example.com" stands already at .*:3:5$/),
        '9:5: "redirect_uris" is not a member of an entry of applications; it belongs to a client, below clients',
        expect.stringMatching(/^11:9: an entry of clients needs name/),
        '11:9: resources must be a list of names out of resources',
      ]);
    });

    it('is refused for references to nothing, with their place', async () => {
      const content = {
        ...small(unique('Lost'), { resources: ['https://nothing.example.com'], role_ids: ['nobody'] }),
      };
      const { code, stderr, calls } = await through(() => undefined, 'apply', file(content));
      expect([code, calls.filter((call) => !call.startsWith('GET'))]).toEqual([1, ['POST /oidc/token']]);
      expect(stderr).toMatch(
        /:\d+:\d+: unknown resource "https:\/\/nothing.example.com"; it is neither in the file nor on the server/,
      );
      expect(stderr).toMatch(/:\d+:\d+: unknown client role "nobody"/);
    });

    it('is refused where it says too little for a new object', async () => {
      const applications = [{ app_name: unique('Bare') }];
      const { code, stderr } = await run(
        'apply',
        file({ tessera: 1, resources: [{ uri: 'https://new.example.com' }], applications }),
      );
      expect(code).toBe(1);
      expect(stderr).toMatch(/does not exist yet; to make it the file must say name, access_token_ttl/);
      expect(stderr).toMatch(/does not exist yet; to make it the file must name a client/);
    });

    it('is refused where a name stands for two objects of the server', async () => {
      const name = unique('Twice');
      for (const _ of [1, 2])
        expect(
          (await admin.post('/v1/applications', { app_name: name, client_display_name: 'x' })).status,
        ).toBe(201);
      const { code, stderr } = await run('diff', file(small(name)));
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/the server has 2 objects with the name "Twice/),
      ]);
    });

    it('says which lists this server does not know', async () => {
      const missing: Interference = (call) =>
        call === 'GET /v1/groups' ? { status: 404, body: '{"message":"Not found"}' } : undefined;
      const { code, stderr } = await through(missing, 'diff', file({ tessera: 1, groups: [{ name: 'g' }] }));
      expect([code, stderr]).toEqual([
        1,
        'tessera: The groups cannot be read: this server does not offer them\n',
      ]);
    });

    it('is refused for a key that stands twice and for a bomb of aliases, without a stack', async () => {
      const twice = file('tessera: 1\ntessera: 1\n');
      const levels = Array.from(
        { length: 12 },
        (_, at) => `l${at + 1}: &l${at + 1} [${Array(9).fill(`*l${at}`).join()}]`,
      );
      const bomb = file(['l0: &l0 [x]', ...levels].join('\n'));
      const [first, second] = [await run('apply', twice), await run('apply', bomb)];
      expect([first.code, first.stderr]).toEqual([1, `tessera: ${twice}:2:1: Map keys must be unique\n`]);
      expect([second.code, second.stderr]).toEqual([
        1,
        expect.stringContaining('aliases more than 100 times'),
      ]);
    });

    it('is refused where it cannot be read', async () => {
      const { code, stderr } = await run('apply', join(folder, 'absent.yaml'));
      expect([code, stderr]).toEqual([1, expect.stringContaining('cannot be read (ENOENT)')]);
    });
  });
});
