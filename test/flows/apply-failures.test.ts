/** Every way in which `apply` and `diff` do not come to their end, and what they say then. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type ApplyScene, applyScene, EXAMPLE, small, unique } from '../support/apply-scene.ts';
import { type Ran, tessera } from '../support/command-line.ts';
import { type Interference, interferingProxy } from '../support/interfering-proxy.ts';
import { freePort } from '../support/start-app.ts';

describe('tessera apply and diff', () => {
  let scene: ApplyScene;

  beforeAll(async () => {
    scene = await applyScene();
  });
  afterAll(() => scene.end());

  describe('a conversation that goes wrong', () => {
    it('says that somebody else changed a client after the plan (If-Match, 412) and overwrites nothing', async () => {
      const name = unique('Raced');
      expect((await scene.run('apply', scene.file(small(name)))).code).toBe(0);
      const { app_id } = (await scene.appNamed(name)) ?? {};
      const [web] = await scene.clientsOf(name);
      const client = `/v1/applications/${app_id}/clients/${web?.client_id}`;
      const meanwhile: Interference = async (call) => {
        if (call.startsWith('PUT')) await scene.admin.put(client, { description: 'mine' });
        return undefined;
      };
      const ran = await scene.through(meanwhile, 'apply', scene.file(small(name, { description: 'yours' })));
      expect([ran.code, ran.stderr]).toEqual([
        1,
        expect.stringContaining(
          'changed by somebody else after the plan was made; run the command again for a new plan',
        ),
      ]);
      expect((await scene.admin.get(client)).body.description).toBe('mine');
    });

    it('says the same of a resource, whose version the plan has seen', async () => {
      const uri = `https://${randomBytes(4).toString('hex')}.example.com`;
      const ttl = { access_token_ttl: 60, refresh_token_ttl: 60, max_refresh_rotate: 60 };
      const content = (name: string) => ({ tessera: 1, resources: [{ uri, name, ...ttl }] });
      const created = await scene.admin.post('/v1/resources', { uri, name: 'A', ...ttl });
      const meanwhile: Interference = async (call) => {
        if (call.startsWith('PUT'))
          await scene.admin.put(`/v1/resources/${created.body.result.resource_id}`, { description: 'mine' });
        return undefined;
      };
      const ran = await scene.through(meanwhile, 'apply', scene.file(content('B')));
      expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('changed by somebody else')]);
      expect((await scene.admin.get(`/v1/resources/uri?resourceUri=${uri}`)).body.result.name).toBe('A');
    });

    it('deletes nothing that was changed after the plan, be it in what no file can say (If-Match, 412)', async () => {
      const name = unique('Spared');
      const path = '/v1/sso-service/sso-group';
      const group = { name, configuration: { journey: 'default' } };
      const { app_id } = (await scene.admin.post(path, group)).body.result;
      const meanwhile: Interference = async (call) => {
        if (call.startsWith('DELETE'))
          await scene.admin.put(`${path}/${app_id}`, { description: 'still used' });
        return undefined;
      };
      const file = scene.file({ tessera: 1, sso_groups: [] });
      const ran = await scene.through(meanwhile, 'apply', file, '--prune', '--yes');
      expect([ran.code, ran.stderr]).toEqual([
        1,
        expect.stringContaining(`delete SSO group "${name}" failed: it was changed by somebody else`),
      ]);
      expect((await scene.admin.get(`${path}/${app_id}`)).body.result.description).toBe('still used');
      expect((await scene.run('apply', file, '--prune', '--yes')).code).toBe(0);
      expect((await scene.admin.get(`${path}/${app_id}`)).status).toBe(404);
    });

    it('takes one for deleted that somebody else deletes first', async () => {
      const { app_id } = (
        await scene.admin.post('/v1/sso-service/sso-group', {
          name: 'Gone',
          configuration: { journey: 'default' },
        })
      ).body.result;
      const meanwhile: Interference = async (call) => {
        if (call.startsWith('DELETE')) await scene.admin.delete(`/v1/sso-service/sso-group/${app_id}`);
        return undefined;
      };
      const file = scene.file({ tessera: 1, sso_groups: [] });
      expect(await scene.through(meanwhile, 'apply', file, '--prune', '--yes')).toMatchObject({
        code: 0,
        stderr: '',
      });
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
      const failed = await scene.run('apply', scene.file(half));
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
      expect(await scene.run('apply', scene.file(repaired))).toMatchObject({
        code: 0,
        stdout: `+ create role "later" of application "${name}"\nDone: 1 of 1.\n`,
      });
    });

    it('ends between two calls when it is interrupted, and says how far it came', async () => {
      const name = unique('Interrupted');
      const { applications } = small(name);
      const path = scene.file({
        tessera: 1,
        applications: [{ ...applications[0], roles: [{ role_name: 'later' }] }],
      });
      let interrupt = (): unknown => undefined;
      const proxy = await interferingProxy(scene.app.url, (call) => {
        if (call === 'POST /v1/applications') interrupt();
        return undefined;
      });
      const ran = await tessera(['apply', path, '--url', proxy.url], scene.manager, (child) => {
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
      const ran = await scene.through(refuse, 'apply', scene.file(small(unique('Patient'))));
      expect([ran.code, busy]).toEqual([0, []]);
    });
  });

  describe('who may not', () => {
    const refusedWith = (env: Record<string, string>): Promise<Ran> =>
      tessera(['apply', EXAMPLE], { ...scene.manager, ...env });

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
      const { clientId = '', clientSecret = '' } = scene.app.demo ?? {};
      const env = { TESSERA_CLIENT_ID: clientId, TESSERA_CLIENT_SECRET: clientSecret };
      const { code, stderr } = await refusedWith(env);
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining('use a client of a management application'),
      ]);
    });

    it('takes credentials from files', async () => {
      const env = {
        PUBLIC_URL: scene.app.url,
        TESSERA_CLIENT_ID_FILE: scene.file(`${scene.app.management.clientId}\n`),
        TESSERA_CLIENT_SECRET_FILE: scene.file(`${scene.app.management.clientSecret}\n`),
      };
      expect((await tessera(['diff', EXAMPLE], env)).code).toBe(2);
    });

    it('says that nobody is there, or somebody else', async () => {
      const gone = await scene.run('apply', EXAMPLE, '--url', `http://localhost:${await freePort()}`);
      expect([gone.code, gone.stderr]).toEqual([
        1,
        expect.stringMatching(/cannot be reached \(ECONNREFUSED\)/),
      ]);
      const other = await scene.through(() => ({ status: 200, body: '<html>' }), 'apply', EXAMPLE);
      expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('the address of a Tessera?')]);
    });
  });

  describe('a file with faults', () => {
    it('is refused with every fault and its place, before the server is asked anything', async () => {
      const path = scene.file(
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
      const { code, stderr, calls } = await scene.through(() => undefined, 'apply', path);
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

    it('is refused for faults of type in every kind, with their place, before the server is asked', async () => {
      const path = scene.file(
        [
          'tessera: 1',
          'groups:',
          '  - name: G',
          '    description: 7',
          'organizations:',
          '  - name: O',
          '    enabled: maybe',
          '    domains: [a.example.com, no domain]',
          'sso_groups:',
          '  - name: S',
          '    configuration:',
          '      journey: default',
          '      sessionTimeout: long',
          'service_providers:',
          '  - name: P',
          '    entity_id: with blanks',
          '    pub_cert: x',
          'applications:',
          '  - app_name: A',
          '    clients:',
          '      - name: C',
          '        authentication_protocol: saml',
          '        sp_name_id_type: shoe-size',
          '        x509_certificate: x',
        ].join('\n'),
      );
      const { code, stderr, calls } = await scene.through(() => undefined, 'apply', path);
      const places = stderr
        .trim()
        .split('\n')
        .map((line) => line.slice('tessera: '.length + path.length + 1));
      expect([code, calls]).toEqual([1, []]);
      expect(places.sort()).toEqual([
        '13:7: SSO group: configuration.sessionTimeout: expected number, received string',
        '16:5: service provider: entity_id: must not have spaces or invisible characters',
        '17:5: "pub_cert" is not a member of an entry of service_providers; the server makes it',
        expect.stringMatching(/^23:9: client: sp_name_id_type: /),
        '24:9: "x509_certificate" is not a member of an entry of clients; the server makes it',
        '4:5: group: description: expected string, received number',
        '7:5: organization: enabled: expected boolean, received string',
        '8:30: organization: domains.1: must be a domain name',
      ]);
    });

    it('is refused for references to nothing, with their place', async () => {
      const content = {
        ...small(unique('Lost'), { resources: ['https://nothing.example.com'], role_ids: ['nobody'] }),
      };
      const { code, stderr, calls } = await scene.through(() => undefined, 'apply', scene.file(content));
      expect([code, calls.filter((call) => !call.startsWith('GET'))]).toEqual([1, ['POST /oidc/token']]);
      expect(stderr).toMatch(
        /:\d+:\d+: unknown resource "https:\/\/nothing.example.com"; it is neither in the file nor on the server/,
      );
      expect(stderr).toMatch(/:\d+:\d+: unknown client role "nobody"/);
    });

    it('is refused where it says too little for a new object', async () => {
      const applications = [{ app_name: unique('Bare') }];
      const { code, stderr } = await scene.run(
        'apply',
        scene.file({ tessera: 1, resources: [{ uri: 'https://new.example.com' }], applications }),
      );
      expect(code).toBe(1);
      expect(stderr).toMatch(/does not exist yet; to make it the file must say name, access_token_ttl/);
      expect(stderr).toMatch(/does not exist yet; to make it the file must name a client/);
    });

    it('is refused where a name stands for two objects of the server', async () => {
      const name = unique('Twice');
      for (const _ of [1, 2])
        expect(
          (await scene.admin.post('/v1/applications', { app_name: name, client_display_name: 'x' })).status,
        ).toBe(201);
      const { code, stderr } = await scene.run('diff', scene.file(small(name)));
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/the server has 2 objects with the name "Twice/),
      ]);
    });

    it('says which lists this server does not know', async () => {
      const missing: Interference = (call) =>
        call === 'GET /v1/groups' ? { status: 404, body: '{"message":"Not found"}' } : undefined;
      const { code, stderr } = await scene.through(
        missing,
        'diff',
        scene.file({ tessera: 1, groups: [{ name: 'g' }] }),
      );
      expect([code, stderr]).toEqual([
        1,
        'tessera: The groups cannot be read: this server does not offer them\n',
      ]);
    });

    it('is refused for a key that stands twice and for a bomb of aliases, without a stack', async () => {
      const twice = scene.file('tessera: 1\ntessera: 1\n');
      const levels = Array.from(
        { length: 12 },
        (_, at) => `l${at + 1}: &l${at + 1} [${Array(9).fill(`*l${at}`).join()}]`,
      );
      const bomb = scene.file(['l0: &l0 [x]', ...levels].join('\n'));
      const [first, second] = [await scene.run('apply', twice), await scene.run('apply', bomb)];
      expect([first.code, first.stderr]).toEqual([1, `tessera: ${twice}:2:1: Map keys must be unique\n`]);
      expect([second.code, second.stderr]).toEqual([
        1,
        expect.stringContaining('aliases more than 100 times'),
      ]);
    });

    it('is refused where it cannot be read', async () => {
      const { code, stderr } = await scene.run('apply', join(scene.folder, 'absent.yaml'));
      expect([code, stderr]).toEqual([1, expect.stringContaining('cannot be read (ENOENT)')]);
    });
  });
});
