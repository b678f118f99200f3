/** Configuration as code for each kind beside applications and roles: made, found equal, changed, reported, pruned. */
import { type ApplyScene, applyScene, unique } from '../support/apply-scene.ts';
import { tesseraHere } from '../support/command-line.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';

type Entry = Record<string, unknown>;

interface Example {
  readonly section: string;
  readonly noun: string;
  readonly path: string;
  entry(name: string): Entry;
  /** Members to change, with what the plan says of each. */
  readonly change: Entry;
}

const EXAMPLES: readonly Example[] = [
  {
    section: 'groups',
    noun: 'group',
    path: '/v1/groups',
    entry: (name) => ({ name, description: 'Desk', custom_data: { floor: 2, keys: ['a'] } }),
    change: { description: 'Desks', custom_data: { floor: 3 } },
  },
  {
    section: 'organizations',
    noun: 'organization',
    path: '/v1/organizations',
    entry: (name) => ({
      name,
      alias_name: 'Alias',
      enabled: true,
      domains: ['One.example.com'],
      app_ids: ['Demo'],
    }),
    change: { alias_name: 'Other', domains: ['two.example.com', 'one.example.com'], app_ids: ['Second'] },
  },
  {
    section: 'sso_groups',
    noun: 'SSO group',
    path: '/v1/sso-service/sso-group',
    entry: (name) => ({ name, configuration: { journey: 'default', sessionTimeout: 60 } }),
    change: { description: 'Shops', configuration: { journey: 'default', sessionTimeout: 90 } },
  },
  {
    section: 'sign_in_policies',
    noun: 'sign-in policy',
    path: '/v1/sso-service/policies',
    entry: (name) => ({ name, rules: { methods: ['passkey', 'password'] } }),
    change: { description: 'Clerks', rules: { methods: ['password'], second_factor: 'required' } },
  },
  {
    section: 'service_providers',
    noun: 'service provider',
    path: '/v1/serviceprovider/saml2',
    entry: (name) => ({
      name,
      entity_id: `urn:${name.replaceAll(' ', ':')}`,
      assertion_consumer_service_URL: 'https://sp.example.com/acs',
    }),
    change: {
      description: 'Payroll',
      name_qualifier: 'q',
      assertion_consumer_service_URL: 'https://sp.example.com/2',
    },
  },
];

describe.each(policyStorages)('tessera apply and diff, kind by kind, over $name', ({ options }) => {
  let storage: StorageOptions;
  let scene: ApplyScene;

  beforeAll(async () => {
    storage = await options();
    scene = await applyScene(storage, tesseraHere);
    await scene.admin.post('/v1/applications', { app_name: 'Second', client_display_name: 'Web' });
  });
  afterAll(async () => {
    await scene.end();
    await storage.release();
  });

  it.each(EXAMPLES)('$section are made, found equal, changed, and pruned', async (example) => {
    const { section, noun, path } = example;
    const name = unique('Kind');
    const fileOf = (...entries: Entry[]) => scene.file({ tessera: 1, [section]: entries });
    const found = async (): Promise<Entry[]> => (await scene.admin.get(path)).body.result;

    const first = fileOf(example.entry(name));
    expect(await scene.run('apply', first)).toMatchObject({ code: 0, stderr: '' });
    expect(await found()).toHaveLength(1);
    expect(await scene.run('diff', first)).toEqual({ code: 0, stdout: expect.any(String), stderr: '' });

    const second = fileOf({ ...example.entry(name), ...example.change });
    const drift = await scene.run('diff', second);
    expect([drift.code, drift.stdout]).toEqual([
      2,
      expect.stringContaining(`~ differs on the server: ${noun} "${name}"`),
    ]);
    const lines = drift.stdout.trim().split('\n').slice(1);
    expect(lines.map((line) => line.trim().split(':')[0]).sort()).toEqual(Object.keys(example.change).sort());
    expect(await scene.run('apply', second)).toMatchObject({ code: 0, stderr: '' });
    expect((await scene.run('diff', second)).code).toBe(0);
    expect(await found()).toHaveLength(1);

    const none = fileOf();
    expect(await scene.run('diff', none, '--prune')).toMatchObject({
      code: 2,
      stdout: `+ not in the file: ${noun} "${name}"\n`,
    });
    expect(await scene.run('apply', none, '--prune', '--yes')).toMatchObject({ code: 0, stderr: '' });
    expect(await found()).toEqual([]);
  });

  it('SAML clients too: all that the API takes, and what the server makes is no drift (section 6)', async () => {
    const name = unique('Federated');
    const provider = {
      name: 'With an RSA key',
      entity_id: 'urn:rsa',
      assertion_consumer_service_URL: 'https://sp.example.com/acs',
    };
    const rsa = (await scene.admin.post('/v1/serviceprovider/saml2', provider)).body.result.pub_cert;
    const saml: Entry = {
      name: 'Payroll',
      authentication_protocol: 'saml',
      description: 'Wages',
      sp_entity_id: `urn:${name.replaceAll(' ', ':')}`,
      sp_acs_url: 'https://sp.example.com/acs',
      sp_name_id_type: 'username',
      sign_assertion: false,
      optional_acs_url: false,
      use_centralized_login: true,
      sp_certificates: [rsa],
      want_authn_requests_signed: true,
      encrypt_assertion: true,
      attribute_mapping: { email: { name: 'mail' }, phone_number: { name: 'tel', friendly_name: 'Phone' } },
      signature_algorithm: 'rsa-sha512',
      clock_skew_seconds: 30,
      idp_initiated: false,
      sp_slo_url: 'https://sp.example.com/slo',
      sp_slo_binding: 'post',
    };
    const fileOf = (...clients: Entry[]) =>
      scene.file({ tessera: 1, applications: [{ app_name: name, clients: [WEB, ...clients] }] });
    const payroll = async (): Promise<Entry | undefined> =>
      (await scene.clientsOf(name)).find((client) => client.name === 'Payroll');

    const first = await scene.run('apply', fileOf(saml));
    expect([first.code, first.stderr]).toEqual([0, '']);
    // Of the OIDC client alone: the secret of a SAML client opens nothing.
    expect(first.stdout.match(/client_secret: /g)).toHaveLength(1);
    const { x509_certificate: certificate, ...made } = (await payroll()) ?? {};
    expect(made).toMatchObject({ ...saml, entity_id: expect.any(String) });
    expect(await scene.run('diff', fileOf(saml))).toMatchObject({ code: 0, stderr: '' });

    const changed = { ...saml, clock_skew_seconds: 60, attribute_mapping: { email: { name: 'mail' } } };
    const drift = await scene.run('diff', fileOf(changed));
    expect([drift.code, drift.stdout.split('\n').slice(1, -1)]).toEqual([
      2,
      [
        expect.stringMatching(/^ {4}attribute_mapping: .*phone_number.* -> \{"email":\{"name":"mail"\}\}$/),
        '    clock_skew_seconds: 30 -> 60',
      ],
    ]);
    expect((await scene.run('apply', fileOf(changed))).code).toBe(0);
    expect(await payroll()).toMatchObject({ ...changed, x509_certificate: certificate });
    expect((await scene.run('diff', fileOf(changed))).code).toBe(0);

    const all = (await scene.admin.get('/v1/applications')).body.result as { app_name: string }[];
    const others = all.filter((one) => one.app_name !== name).map(({ app_name }) => ({ app_name }));
    const without = scene.file({
      tessera: 1,
      applications: [...others, { app_name: name, clients: [WEB] }],
    });
    expect((await scene.run('apply', without, '--prune', '--yes')).code).toBe(0);
    expect(await payroll()).toBeUndefined();
  });

  it('an application may begin with a SAML client', async () => {
    const name = unique('Begun');
    const client = {
      name: 'SP',
      authentication_protocol: 'saml',
      sp_entity_id: `urn:${name.replaceAll(' ', ':')}`,
    };
    const file = scene.file({ tessera: 1, applications: [{ app_name: name, clients: [client] }] });
    expect(await scene.run('apply', file)).toMatchObject({ code: 0, stderr: '' });
    expect((await scene.run('diff', file)).code).toBe(0);
    expect(await scene.clientsOf(name)).toMatchObject([{ authentication_protocol: 'saml' }]);
  });
});

const WEB = { name: 'Web', redirect_uris: ['https://a.example.com/cb'] };
