/** Configuration as code: `apply` and `diff` as an operator runs them, against a running server. */
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { parse } from 'yaml';
import { APPLY } from '../../src/cli/apply-command.ts';
import { readConfig } from '../../src/config/config.ts';
import { type ApplyScene, applyScene, EXAMPLE, small, unique } from '../support/apply-scene.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { clientToken } from '../support/management.ts';

describe.each(policyStorages)('tessera apply and diff over $name', ({ options }) => {
  let storage: StorageOptions;
  let scene: ApplyScene;

  beforeAll(async () => {
    storage = await options();
    scene = await applyScene(storage);
  });
  afterAll(async () => {
    await scene.end();
    await storage.release();
  });

  describe('with the example file', () => {
    it('reports everything as missing, and --dry-run makes nothing; both exit with 2', async () => {
      const [drift, dry] = [await scene.run('diff', EXAMPLE), await scene.run('apply', EXAMPLE, '--dry-run')];
      expect([drift.code, dry.code]).toEqual([2, 2]);
      expect(drift.stdout).toContain('missing on the server: client "Shop web" of application "Shop"');
      expect(dry.stdout).toContain('+ create resource https://api.shop.example.com\n    name: "Shop API"');
      expect(await scene.appNamed('Shop')).toBeUndefined();
    });

    it('makes all, shows the secrets once, and they work', async () => {
      const { code, stdout, stderr } = await scene.run('apply', EXAMPLE);
      expect([code, stderr]).toEqual([0, '']);
      const [, clientId = '', clientSecret = ''] =
        /client "Shop reports"[\s\S]*?client_id: (\S+)\s+client_secret: (\S+)/.exec(stdout) ?? [];
      expect(await clientToken(scene.app, { clientId, clientSecret })).toMatch(/^ey/);
      expect(stdout.match(/client_secret: /g)).toHaveLength(3);
      const shop = await scene.appNamed('Shop');
      const resource = (await scene.admin.get('/v1/resources/uri?resourceUri=https://api.shop.example.com'))
        .body.result;
      const [web, phone, reports] = await scene.clientsOf('Shop');
      expect(shop).toMatchObject({ app_description: 'Where customers buy', client_id: web?.client_id });
      expect(web).toMatchObject({
        resources: [resource.resource_id],
        token_expiration: { access_token_ttl: 600 },
      });
      expect(phone).toMatchObject({ client_type: 'native', token_endpoint_auth_method: 'none' });
      const role = (await scene.admin.get('/v1/roles')).body.result.find(
        (one: { role_name: string }) => one.role_name === 'user-reader',
      );
      expect(reports).toMatchObject({ role_ids: [role.role_id] });
      const [staff] = (await scene.admin.get(`/v1/applications/${shop?.app_id}/role-groups`)).body.result;
      expect(staff.roles.map((one: { role_name: string }) => one.role_name).sort()).toEqual([
        'clerk',
        'customer',
      ]);
    });

    it('finds nothing to do the second time, whatever the server filled in', async () => {
      expect(await scene.run('apply', EXAMPLE)).toEqual({
        code: 0,
        stdout: 'Nothing to do: the server matches the file.\n',
        stderr: '',
      });
      expect((await scene.run('diff', EXAMPLE)).code).toBe(0);
      expect((await scene.run('apply', EXAMPLE, '--dry-run')).code).toBe(0);
    });

    it('reads the same as JSON', async () => {
      const json = scene.file(JSON.stringify(parse(readFileSync(EXAMPLE, 'utf8')), undefined, '\t'), 'json');
      expect(await scene.run('diff', json)).toMatchObject({ code: 0, stderr: '' });
    });

    it('reports a change by somebody else as drift, repairs it, and touches nothing that the file does not name', async () => {
      const shop = await scene.appNamed('Shop');
      const [web] = await scene.clientsOf('Shop');
      const client = `/v1/applications/${shop?.app_id}/clients/${web?.client_id}`;
      const drifted = {
        redirect_uris: ['https://elsewhere.example.com/cb'],
        description: 'not in the file',
        token_expiration: { access_token_ttl: 600, refresh_token_ttl: 77, max_refresh_rotate: 88 },
      };
      expect((await scene.admin.put(client, drifted)).status).toBe(200);
      const drift = await scene.run('diff', EXAMPLE);
      expect([drift.code, drift.stdout]).toEqual([
        2,
        '~ differs on the server: client "Shop web" of application "Shop"\n' +
          '    redirect_uris: ["https://elsewhere.example.com/cb"] -> ["https://shop.example.com/callback","http://localhost:8080/callback"]\n',
      ]);
      expect((await scene.run('apply', EXAMPLE)).code).toBe(0);
      expect((await scene.admin.get(client)).body).toMatchObject({
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
      const path = scene.file(content);
      const { code, stdout, stderr } = await scene.run('apply', path);
      expect([code, stderr, stdout]).toEqual([0, '', expect.stringContaining('Done: 9 of 9.')]);
      expect((await scene.run('diff', path)).code).toBe(0);
      expect((await scene.run('apply', EXAMPLE)).code).toBe(0);
    });

    it('compares sets without order', async () => {
      const content = parse(readFileSync(EXAMPLE, 'utf8'));
      const [shop] = content.applications;
      shop.clients[0].redirect_uris.reverse();
      shop.clients[0].supported_prompts = ['none', 'login', 'consent'];
      shop.roles[1].permissions.reverse();
      shop.role_groups[0].roles.reverse();
      expect(await scene.run('diff', scene.file(content))).toMatchObject({ code: 0 });
    });

    it('prints the plan as JSON for programs', async () => {
      const content = parse(readFileSync(EXAMPLE, 'utf8'));
      content.resources[0].access_token_ttl = 901;
      const { code, stdout } = await scene.run('diff', scene.file(content), '--json');
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
      expect((await scene.run('apply', scene.file(withTwo()))).code).toBe(0);
      // The list of applications is one of the file's: keep the others out of the way.
      const all = (await scene.admin.get('/v1/applications')).body.result as { app_name: string }[];
      const others = all.filter((one) => one.app_name !== name).map(({ app_name }) => ({ app_name }));
      const content = small(name);
      const path = scene.file({ ...content, applications: [...content.applications, ...others] });
      expect((await scene.run('diff', path)).code).toBe(0);
      expect(await scene.run('diff', path, '--prune')).toMatchObject({
        code: 2,
        stdout: `+ not in the file: client "Second" of application "${name}"\n`,
      });

      const refused = await scene.run('apply', path, '--prune');
      expect([refused.code, refused.stdout]).toEqual([
        1,
        `- delete client "Second" of application "${name}"\n`,
      ]);
      expect(refused.stderr).toContain('deletes one object and there is no terminal to ask at; pass --yes');
      expect(await scene.clientsOf(name)).toHaveLength(2);

      expect((await scene.run('apply', path, '--prune', '--yes')).code).toBe(0);
      expect((await scene.clientsOf(name)).map((client) => client.name)).toEqual(['Web']);
      expect((await scene.run('apply', path, '--prune')).code).toBe(0);
    });

    it('leaves lists alone that the file does not have, management applications and the calling client', async () => {
      const all = (await scene.admin.get('/v1/applications')).body.result as { app_name: string }[];
      const applications = all.map(({ app_name }) => ({ app_name }));
      const ran = await scene.run('apply', scene.file({ tessera: 1, applications }), '--prune', '--yes');
      expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to do') });
      expect(await clientToken(scene.app, scene.app.management)).toMatch(/^ey/);
    });

    it('refuses a file whose own references would be pruned', async () => {
      const uri = `https://${randomBytes(4).toString('hex')}.example.com`;
      const ttl = { access_token_ttl: 60, refresh_token_ttl: 60, max_refresh_rotate: 60 };
      expect((await scene.admin.post('/v1/resources', { name: 'R', uri, ...ttl })).status).toBe(201);
      const content = { ...small(unique('Needy'), { resources: [uri] }), resources: [] };
      const { code, stderr } = await scene.run('apply', scene.file(content), '--prune', '--yes');
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
        config: readConfig({ PUBLIC_URL: scene.app.url }),
        environment: scene.manager,
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
      const path = scene.file(small(name));
      for (const answer of ['y\n', 'no\n', '\n', undefined]) {
        const { code, stderr } = await answered(answer, path);
        expect([code, stderr]).toEqual([
          1,
          expect.stringMatching(/Only "yes" is a yes[\s\S]*Nothing was changed/),
        ]);
      }
      expect(await scene.appNamed(name)).toBeUndefined();
      expect((await answered('yes\n', path)).code).toBe(0);
      expect(await scene.appNamed(name)).toBeDefined();
    });
  });

  describe('secrets', () => {
    it('go into a file that only its owner reads, and not to the output', async () => {
      const name = unique('Secretive');
      const secrets = join(scene.folder, 'secrets.jsonl');
      writeFileSync(secrets, '', { mode: 0o644 });
      const { code, stdout } = await scene.run('apply', scene.file(small(name)), '--secrets', secrets);
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
      expect(await clientToken(scene.app, { clientId, clientSecret })).toMatch(/^ey/);
    });

    it('are asked for before anything is made: a file that cannot be written stops it', async () => {
      const name = unique('Nowhere');
      const { code, stderr } = await scene.run(
        'apply',
        scene.file(small(name)),
        '--secrets',
        join(scene.folder, 'no', 'such'),
      );
      expect([code, stderr]).toEqual([1, expect.stringContaining('cannot be written (ENOENT)')]);
      expect(await scene.appNamed(name)).toBeUndefined();
    });

    it('come with --json in the second document', async () => {
      const { stdout } = await scene.run('apply', scene.file(small(unique('Json'))), '--json');
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
});
