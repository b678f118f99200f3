/** Moving a tenant: what an export has is what an import makes, and everybody gets in as before (issue 4: import and export). */
import { X509Certificate } from 'node:crypto';
import { fromJsonLines, jsonLines, tesseraReading } from '../support/command-line.ts';
import { Deployments } from '../support/deployments.ts';
import { policyStorages } from '../support/engines.ts';
import { FORMER_PASSWORD, furnish, MOVED_PERSON } from '../support/furnished.ts';
import { adminToken, api, clientToken } from '../support/management.ts';
import { RelyingParty } from '../support/relying-party.ts';
import { REDIRECT_URI } from '../support/scene.ts';
import type { App } from '../support/start-app.ts';

const EVERY_KIND = [
  'application',
  'application_role',
  'client',
  'client_resource',
  'client_role',
  'client_secret',
  'consent',
  'delegated_consent',
  'group',
  'group_role',
  'group_user',
  'managed_organization',
  'organization',
  'organization_app',
  'organization_identity_provider',
  'organization_logo',
  'organization_member',
  'organization_member_role',
  'organization_role',
  'organization_role_group',
  'passkey',
  'resource',
  'role',
  'role_group',
  'role_group_role',
  'saml_certificate',
  'service_provider',
  'sign_in_policy',
  'sso_group',
  'user',
];
/** Many processes start and stop one after the other, each with a database to open. */
const PATIENCE_MS = 240_000;

/** A real one is made by an authenticator; to a move its key is only a text. */
const passkeyOf = (user_id: string) => ({
  kind: 'passkey',
  credential_id: Buffer.from('a credential').toString('base64url'),
  user_id,
  rp_id: 'shop.example.com',
  username: MOVED_PERSON.identifier,
  user_handle: Buffer.from('a handle').toString('base64url'),
  public_key: Buffer.from('a key').toString('base64url'),
  counter: 4_000_000_000,
  transports: ['usb', 'nfc'],
  backed_up: true,
  last_used_at: '2026-01-02T03:04:05.678Z',
});

/** Without the header, which tells the time. */
const bodyOf = (text: string): string[] => text.trim().split('\n').slice(1).sort();
/** Keys of SAML do not move, so these differ. */
const withoutCertificates = (lines: readonly string[]): string[] =>
  lines.filter((line) => !line.startsWith('{"kind":"saml_certificate"'));

describe.each(policyStorages)('moving a tenant ($name)', ({ options }) => {
  const deployments = new Deployments(options);
  afterAll(() => deployments.discard());

  it(
    'an export brought into another deployment is the same export, and its secrets and passwords work',
    async () => {
      const from = await deployments.open();
      const { scene, userId, samlClientId, ids, management } = await furnish(from);
      const before = await api(from, await adminToken(from)).get(`/v1/organizations/${ids.organization_id}`);
      const { app: source, result: first } = await deployments.offline(from, async () => ({
        passkey: await tesseraReading(from, ['import'], jsonLines([passkeyOf(userId)])),
        exported: await tesseraReading(from, ['export']),
        again: await tesseraReading(from, ['export']),
        users: await tesseraReading(from, ['export', '--only', 'users']),
      }));
      const { exported } = first;
      expect(first.passkey.stdout).toContain('passkey: 1 created');
      expect([exported.code, exported.stderr]).toEqual([0, '']);
      expect(bodyOf(first.again.stdout)).toEqual(bodyOf(exported.stdout));
      expect([...new Set(fromJsonLines(exported.stdout).map((line) => line.kind))].sort()).toEqual([
        ...EVERY_KIND,
        undefined,
      ]);
      const inUsers = new Set(fromJsonLines(first.users.stdout).map((line) => line.kind));
      for (const kind of ['user', 'consent', 'passkey', 'delegated_consent']) expect(inUsers).toContain(kind);
      expect(inUsers).not.toContain('client');
      const lines = fromJsonLines(exported.stdout);
      expect(lines.find((line) => line.user_id === userId && line.kind === 'user')).toMatchObject({
        former_password_hashes: [{ password_hash: expect.stringMatching(/^\$argon2id/) }],
      });
      expect(lines.find((line) => line.kind === 'passkey')).toMatchObject(passkeyOf(userId));
      expect(lines.filter((line) => line.actor_id === userId).map((line) => line.app_id)).toEqual(
        expect.arrayContaining([scene.appId, null]),
      );
      expect(exported.stdout).not.toMatch(/sealed|PRIVATE KEY|"d":/);
      for (const secret of [scene.clientSecret, management.clientSecret, from.management.clientSecret])
        expect(exported.stdout).not.toContain(secret);

      // Where everything is there already, nothing changes: the very same keys, so nothing to know either.
      const home = await deployments.offline(source, () =>
        tesseraReading(source, ['import'], exported.stdout),
      );
      expect([home.result.code, home.result.stderr]).toEqual([0, '']);
      expect(home.result.stdout).not.toMatch(/[1-9]\d* (created|updated|refused|removed)|To know/);

      const to = await deployments.open();
      const { app, result } = await deployments.offline(to, async () => ({
        dry: await tesseraReading(to, ['import', '--dry-run'], exported.stdout),
        once: await tesseraReading(to, ['import'], exported.stdout),
        twice: await tesseraReading(to, ['import'], exported.stdout),
        exported: await tesseraReading(to, ['export']),
      }));
      const refused = [result.dry, result.once, result.twice].map(
        ({ stdout }) => stdout.split('Refused:')[1],
      );
      expect(refused).toEqual([undefined, undefined, undefined]);
      expect([result.dry.code, result.once.code, result.twice.code]).toEqual([0, 0, 0]);
      expect(result.dry.stdout).toContain('nothing was written');
      expect(result.dry.stdout.split('\n').slice(1)).toEqual(result.once.stdout.split('\n'));
      expect(result.twice.stdout).not.toMatch(/[1-9]\d* (created|updated|removed)/);
      const there = bodyOf(result.exported.stdout);
      for (const line of withoutCertificates(bodyOf(exported.stdout))) expect(there).toContain(line);
      const certificates = lines.filter((line) => line.client_id === samlClientId && 'pem' in line);
      expect(certificates.map(({ status }) => status).sort()).toEqual(['current', 'next', 'previous']);
      expectKeysToStay(result, samlClientId, ids.serviceProviderId ?? '');
      const { body: saml } = await api(app, await adminToken(app)).get(
        `/v1/applications/${scene.appId}/clients/${samlClientId}`,
      );
      expect(saml).toMatchObject({ signature_algorithm: 'ecdsa-sha256' });
      expect(new X509Certificate(saml.x509_certificate).publicKey.asymmetricKeyType).toBe('ec');
      await expectToWork(app, { scene, userId, management });
      const moved = await api(app, await adminToken(app)).get(`/v1/organizations/${ids.organization_id}`);
      expect(moved.body.result.logo_url).toBeDefined();
      expect({ ...moved.body.result, logo_url: '' }).toEqual({ ...before.body.result, logo_url: '' });
    },
    PATIENCE_MS,
  );

  /** Private keys stay at home: whoever signs for SAML has a key of its own here, and the report says so. */
  function expectKeysToStay(
    { once, twice }: Record<'once' | 'twice', { stdout: string }>,
    samlClientId: string,
    serviceProviderId: string,
  ): void {
    for (const owner of [`SAML client ${samlClientId}`, `service provider ${serviceProviderId}`]) {
      expect(once.stdout).toContain(`${owner} has a new signing key and certificate here`);
      expect(twice.stdout).toContain(`${owner} signs with another key here`);
    }
    for (const { stdout } of [once, twice])
      expect(stdout).toContain(`next certificate of SAML client ${samlClientId} stays with its key`);
  }

  async function expectToWork(
    app: App,
    {
      scene,
      userId,
      management,
    }: Pick<Awaited<ReturnType<typeof furnish>>, 'scene' | 'userId' | 'management'>,
  ): Promise<void> {
    const { clientId, clientSecret } = scene;
    const rp = await RelyingParty.discover(app, { clientId, clientSecret, redirectUri: REDIRECT_URI });
    const tokens = await rp.signIn(app, MOVED_PERSON);
    expect(tokens.claims()?.sub).toBe(userId);
    expect(
      (await api(app, await clientToken(app, scene)).get(`/v1/users/${userId}`)).body.result,
    ).toMatchObject({ username: MOVED_PERSON.identifier, custom_data: { a: [1, { b: 2 }] } });
    const own = api(app, await clientToken(app, scene));
    expect(await own.put(`/v1/users/${userId}/password`, { password: FORMER_PASSWORD })).toMatchObject({
      status: 400,
      body: { error_code: 'auth_password_recently_used' },
    });
    const pipeline = api(app, await clientToken(app, management));
    const { body } = await pipeline.get(`/v1/applications/${scene.appId}/clients`);
    const wiki = body.find((client: { name: string }) => client.name === 'Wiki');
    expect(wiki).toMatchObject({ sp_entity_id: 'https://wiki.example.com' });
    expect(wiki.x509_certificate).toContain('BEGIN CERTIFICATE');
  }
});
