/** SAML signing certificates per service provider: rolled over without downtime, brought, replaced, and warned of. */
import { X509Certificate } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Answer, type Api, adminToken, api, clientToken, read } from '../support/management.ts';
import { checked } from '../support/openapi.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import { type Brought, broughtFor, encrypted, goodUploads, mixedKey, oddKeys } from '../support/uploads.ts';

interface Shown {
  readonly certificate_id: string;
  readonly status: string;
  readonly x509_certificate: string;
  readonly key_type: string;
}

const BAD = { status: 400, body: { error_code: 400, message: expect.any(Array) } };
const conflict = (sentence: string) => ({
  status: 409,
  body: { error_code: 409, message: expect.stringContaining(sentence) },
});

describe.each(policyStorages)('SAML signing certificates ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let admin: Api;
  let client: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp({ ...storage, env: { LOG_LEVEL: 'trace' } });
    scene = await setScene(app);
    admin = checked(api(app, await adminToken(app)));
    client = checked(api(app, await clientToken(app, scene)));
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const must = ({ status, body }: Answer): Answer['body'] => {
    if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body;
  };
  let count = 0;
  const makeClient = async (fields: Record<string, unknown> = {}): Promise<Answer['body']> => {
    count += 1;
    const sp_entity_id = `https://rollover-${count}.example.com`;
    const own = { name: 'Payroll', authentication_protocol: 'saml', sp_entity_id };
    return must(await client.post('/v1/clients', { ...own, ...fields }));
  };
  const makeProvider = async (): Promise<string> =>
    must(
      await admin.post('/v1/serviceprovider/saml2', {
        name: 'Payroll',
        assertion_consumer_service_URL: 'https://sp.example.com/acs',
        entity_id: 'https://sp.example.com',
      }),
    ).result.service_provider_id;
  /** The list of certificates of a new client. */
  const fresh = async (fields: Record<string, unknown> = {}): Promise<{ id: string; at: string }> => {
    const { client_id: id } = await makeClient(fields);
    return { id, at: `/v1/clients/${id}/saml-certificates` };
  };
  /** Both kinds of holders answer with a list, the older one in `result`. */
  const listOf = (answer: Answer): Shown[] => {
    const body = must(answer);
    return Array.isArray(body) ? body : body.result;
  };
  const statuses = (answer: Answer): Record<string, string> =>
    Object.fromEntries(listOf(answer).map((one) => [one.status, one.certificate_id]));

  /** Everywhere that certificates are: the path, the caller, and the certificate that others see sign. */
  const holders = async () => {
    const id = (await makeClient()).client_id;
    const own = (await makeClient()).client_id;
    const provider = await makeProvider();
    const signing = (path: string, member: string) => async (): Promise<string> => {
      const body = must(await admin.get(path));
      return (body.result ?? body)[member];
    };
    const ofClient = (client_id: string) =>
      signing(`/v1/applications/${scene.appId}/clients/${client_id}`, 'x509_certificate');
    const old = `/v1/serviceprovider/saml2/${provider}`;
    return [
      {
        at: `/v1/applications/${scene.appId}/clients/${id}/saml-certificates`,
        by: admin,
        signs: ofClient(id),
      },
      { at: `/v1/clients/${own}/saml-certificates`, by: client, signs: ofClient(own) },
      { at: `${old}/saml-certificates`, by: admin, signs: signing(old, 'pub_cert') },
    ];
  };

  it('are announced, switched to, taken back and deleted, for every kind of service provider', async () => {
    for (const { at, by, signs } of await holders()) {
      const first = await signs();
      const { current: a } = statuses(await by.get(at));
      const added = await by.post(at, {});
      expect(added.status).toBe(201);
      const { next: b } = statuses(added);
      expect(statuses(await by.get(at))).toEqual({ current: a, next: b });
      expect(await signs()).toBe(first);
      const switched = await by.post(`${at}/switch`, {});
      expect(switched.status).toBe(200);
      expect(statuses(switched)).toEqual({ current: b, previous: a });
      const second = await signs();
      expect(listOf(switched).find(({ status }) => status === 'current')?.x509_certificate).toBe(second);
      expect(second).not.toBe(first);
      expect(statuses(await by.post(`${at}/switch-back`, {}))).toEqual({ current: a, next: b });
      expect(await signs()).toBe(first);
      expect(statuses(await by.post(`${at}/switch`))).toEqual({ current: b, previous: a });
      const { next: c } = statuses(await by.post(at));
      expect(statuses(await by.get(at))).toEqual({ current: b, next: c, previous: a });
      // The one before the previous is gone.
      expect(statuses(await by.post(`${at}/switch`))).toEqual({ current: c, previous: b });
      expect((await by.delete(`${at}/${b}`)).status).toBe(204);
      expect((await by.delete(`${at}/${b}`)).status).toBe(404);
      const { next: d } = statuses(await by.post(at));
      expect((await by.delete(`${at}/${d}`)).status).toBe(204);
      expect(statuses(await by.get(at))).toEqual({ current: c });
    }
  });

  it('show what a person has to know of them, and never a private key', async () => {
    const { at } = await fresh({ name: 'Löhne' });
    const [shown] = listOf(await client.get(at)) as unknown as Record<string, unknown>[];
    const x509 = new X509Certificate(String(shown?.x509_certificate));
    expect(shown).toEqual({
      certificate_id: expect.any(String),
      status: 'current',
      x509_certificate: expect.stringContaining('-----BEGIN CERTIFICATE-----'),
      key_type: 'rsa',
      subject: 'CN=Löhne',
      serial_number: x509.serialNumber.toLowerCase(),
      fingerprint_sha256: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
      not_before: x509.validFromDate.toISOString(),
      not_after: x509.validToDate.toISOString(),
      expires_in_days: expect.any(Number),
      warning: null,
      created_at: expect.any(String),
    });
    expect(shown?.expires_in_days).toBeGreaterThan(3640);
  });

  it('refuse steps that would leave nothing to sign with, or lose one, with a sentence (409)', async () => {
    for (const { at, by } of await holders()) {
      const { current } = statuses(await by.get(at));
      expect(await by.post(`${at}/switch`)).toMatchObject(conflict('There is no next certificate'));
      expect(await by.post(`${at}/switch-back`)).toMatchObject(conflict('There is no previous certificate'));
      expect(await by.delete(`${at}/${current}`)).toMatchObject(conflict('The current certificate signs'));
      await by.post(at);
      expect(await by.post(at)).toMatchObject(conflict('There is a next certificate already'));
      await by.post(`${at}/switch`);
      await by.post(at);
      expect(await by.post(`${at}/switch-back`)).toMatchObject(conflict('delete it first'));
      expect(Object.keys(statuses(await by.get(at))).sort()).toEqual(['current', 'next', 'previous']);
    }
  });

  it('in an emergency are replaced at once, and the former one is in no list any more', async () => {
    for (const { at, by, signs } of await holders()) {
      const former = await signs();
      const { next } = statuses(await by.post(at));
      const replaced = await by.post(`${at}/replace`, {});
      expect(replaced.status).toBe(200);
      expect(Object.keys(statuses(replaced)).sort()).toEqual(['current', 'next']);
      expect(statuses(replaced).next).toBe(next);
      expect(await signs()).not.toBe(former);
      expect(listOf(replaced).map((one) => one.x509_certificate)).not.toContain(former);
      expect(await by.post(`${at}/switch-back`)).toMatchObject(conflict('no previous'));
    }
  });

  it('are not changed over a list that the writer has not seen (If-Match)', async () => {
    const { at } = await fresh();
    const token = await clientToken(app, scene);
    const call = async (method: string, path: string, version?: string): Promise<Answer> =>
      read(
        await fetch(app.url + path, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            ...(version !== undefined && { 'if-match': version }),
          },
        }),
      );
    const version = async () => String((await call('GET', at)).headers.get('etag'));
    const first = await version();
    const added = await call('POST', at, first);
    expect([added.status, added.headers.get('etag')]).toEqual([201, await version()]);
    const { next } = statuses(added);
    for (const [method, path] of [
      ['POST', `${at}/switch`],
      ['POST', `${at}/replace`],
      ['DELETE', `${at}/${next}`],
    ] as const)
      expect((await call(method, path, first)).status).toBe(412);
    expect(statuses(await client.get(at)).next).toBe(next);
    expect((await call('POST', `${at}/switch`, await version())).status).toBe(200);
    expect((await call('POST', `${at}/switch-back`, first)).status).toBe(412);
    expect((await call('POST', `${at}/switch-back`, await version())).status).toBe(200);
    expect((await call('DELETE', `${at}/${next}`, await version())).status).toBe(204);
  });

  it('stay one current and at most one next and one previous, whoever writes at the same moment', async () => {
    const { at } = await fresh();
    const adding = { key_type: 'p-256' };
    const added = await Promise.all([1, 2, 3].map(() => client.post(at, adding)));
    expect(added.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const switched = await Promise.all([1, 2, 3].map(() => client.post(`${at}/switch`)));
    expect(switched.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    for (let round = 0; round < 4; round += 1) {
      const answers = await Promise.all([
        client.post(at, adding),
        client.post(`${at}/switch`),
        client.post(`${at}/switch-back`),
        client.post(`${at}/replace`, adding),
        client.post(`${at}/switch`),
      ]);
      for (const { status } of answers) expect([200, 201, 409]).toContain(status);
      const list = listOf(await client.get(at)).map(({ status }) => status);
      expect(new Set(list).size).toBe(list.length);
      expect(list).toContain('current');
    }
  });

  describe('with EC keys', () => {
    it.each([
      ['ecdsa-sha256', 'p-256'],
      ['ecdsa-sha384', 'p-384'],
      ['rsa-sha384', 'rsa'],
    ])('are made at once for a client with %s', async (signature_algorithm, key_type) => {
      const { id, at } = await fresh({ signature_algorithm });
      expect(listOf(await client.get(at))).toMatchObject([{ status: 'current', key_type }]);
      expect((await client.get(`/v1/clients/${id}`)).body).toMatchObject({ signature_algorithm });
      // The next one has a key of the same kind unless another is asked for.
      expect(listOf(await client.post(at))).toMatchObject([{}, { status: 'next', key_type }]);
    });

    it('fit the algorithm: no other one can be set, and a switch takes it over', async () => {
      const { id, at } = await fresh({ signature_algorithm: 'rsa-sha512' });
      const algorithm = async () => (await client.get(`/v1/clients/${id}`)).body.signature_algorithm;
      const refused = await client.put(`/v1/clients/${id}`, { signature_algorithm: 'ecdsa-sha256' });
      expect(refused).toMatchObject({
        ...BAD,
        body: {
          message: [expect.stringMatching(/^signature_algorithm ecdsa-sha256 needs an EC key.*switch/)],
        },
      });
      await client.post(at, { key_type: 'p-384' });
      expect((await client.put(`/v1/clients/${id}`, { signature_algorithm: 'ecdsa-sha384' })).status).toBe(
        400,
      );
      expect(await algorithm()).toBe('rsa-sha512');
      expect((await client.post(`${at}/switch`)).status).toBe(200);
      expect(await algorithm()).toBe('ecdsa-sha384');
      for (const wrong of ['rsa-sha256', 'rsa-sha512'])
        expect((await client.put(`/v1/clients/${id}`, { signature_algorithm: wrong })).status).toBe(400);
      const other = { signature_algorithm: 'ecdsa-sha256' };
      expect((await client.put(`/v1/clients/${id}`, other)).body).toMatchObject(other);
      expect((await client.post(`${at}/switch-back`)).status).toBe(200);
      expect(await algorithm()).toBe('rsa-sha256');
      expect((await client.post(`${at}/replace`, { key_type: 'p-256' })).status).toBe(200);
      expect(await algorithm()).toBe('ecdsa-sha256');
      // What a read gave can be written back.
      const { updated_at: _, ...seen } = (await client.get(`/v1/clients/${id}`)).body;
      expect((await client.put(`/v1/clients/${id}`, seen)).status).toBe(200);
    });
  });

  describe('that somebody brings', () => {
    const refused = async (
      at: string,
      brought: Partial<Brought> & object,
      sentence: string,
    ): Promise<void> => {
      for (const path of [at, `${at}/replace`]) {
        const answer = await client.post(path, brought);
        expect([sentence, answer.status]).toEqual([sentence, 400]);
        expect(answer.body.message.join()).toContain(sentence);
        expect(JSON.stringify(answer.body)).not.toMatch(/PRIVATE KEY|MII|error:/);
      }
      expect(listOf(await client.get(at))).toHaveLength(1);
    };

    it('may have any common form of a key, and are published without what stood around them', async () => {
      const { at } = await fresh();
      for (const [form, { certificate, private_key }] of Object.entries(await goodUploads())) {
        const added = await client.post(at, { certificate: `bag attributes\n${certificate}\n`, private_key });
        expect([form, added.status]).toEqual([form, 201]);
        const next = listOf(added).find(({ status }) => status === 'next');
        expect(next).toMatchObject({ subject: 'CN=Brought', x509_certificate: certificate });
        expect(statuses(await client.post(`${at}/switch`)).current).toBe(next?.certificate_id);
        await client.post(`${at}/switch-back`);
        expect((await client.delete(`${at}/${next?.certificate_id}`)).status).toBe(204);
      }
    });

    it('are refused where they are half, twice, mixed up, encrypted, or not readable', async () => {
      const { at } = await fresh();
      const good = await broughtFor(300);
      const other = await broughtFor(300);
      const mixtures: [Record<string, unknown>, string][] = [
        [{ certificate: good.certificate }, 'private_key is required'],
        [{ private_key: good.private_key }, 'certificate is required'],
        [{ ...good, key_type: 'p-256' }, 'key_type is for a generated certificate'],
        [{ ...good, private_key: other.private_key }, 'private_key is not the key of certificate'],
        [(await mixedKey()) as never, 'private_key is not the key of certificate'],
        [{ ...good, certificate: good.private_key }, 'certificate must not hold a private key'],
        [
          { ...good, certificate: good.certificate + good.private_key },
          'certificate must not hold a private key',
        ],
        [
          { ...good, certificate: good.certificate + other.certificate },
          'certificate must hold one certificate',
        ],
        [{ ...good, certificate: 'nonsense' }, 'certificate must hold a certificate in PEM form'],
        [{ ...good, private_key: 'nonsense' }, 'private_key must hold one private key'],
        [{ ...good, private_key: good.certificate }, 'private_key must hold one private key'],
        [
          { ...good, private_key: good.private_key + other.private_key },
          'private_key must hold one private key',
        ],
        [
          { ...good, private_key: good.private_key.replace(/\n..../, '\nAAAA') },
          'private_key cannot be read',
        ],
        [{ ...good, certificate: `${good.certificate}${' '.repeat(20_000)}` }, 'certificate: '],
        [{ ...good, private_key: `${good.private_key}${' '.repeat(20_000)}` }, 'private_key: '],
        [{ key_type: 'p-521' }, 'key_type: '],
      ];
      for (const sealed of encrypted(good.private_key))
        mixtures.push([{ ...good, private_key: sealed }, 'private_key must not be encrypted']);
      for (const [brought, sentence] of mixtures) await refused(at, brought, sentence);
    });

    it('are refused with a key too weak, on another curve, or after their end', async () => {
      const { at } = await fresh();
      for (const odd of await oddKeys()) await refused(at, odd, 'certificate must have an RSA key of 2048');
      await refused(at, await broughtFor(-0.5), 'certificate ended at');
    });

    it('sign only while they are valid: not before their beginning', async () => {
      const { at } = await fresh();
      const later = await broughtFor(300, 2);
      expect((await client.post(`${at}/replace`, later)).body.message.join()).toContain(
        'is not valid before',
      );
      expect((await client.post(at, later)).status).toBe(201);
      expect(await client.post(`${at}/switch`)).toMatchObject(conflict('is not valid before'));
    });

    it('are refused where they are there already', async () => {
      const { at } = await fresh();
      const brought = await broughtFor(300);
      expect((await client.post(`${at}/replace`, brought)).status).toBe(200);
      for (const path of [at, `${at}/replace`])
        expect(await client.post(path, brought)).toMatchObject(conflict('This certificate is here already'));
    });

    it('have their key in no answer, no log line, no plain column and no audit event', async () => {
      const { at } = await fresh();
      const brought = await broughtFor(300);
      const answers = [
        await client.post(at, brought),
        await client.post(`${at}/switch`),
        await client.get(at),
      ];
      const [, line = ''] = brought.private_key.split('\n');
      expect(line.length).toBeGreaterThan(40);
      for (const text of [JSON.stringify(answers.map(({ body }) => body)), app.output()]) {
        expect(text).not.toContain('PRIVATE KEY');
        expect(text).not.toContain(line);
      }
      if (storage.databaseUrl === undefined) return;
      const database = new pg.Client({ connectionString: storage.databaseUrl });
      await database.connect();
      try {
        for (const table of ['saml_certificates', 'audit_events', 'clients'])
          for (const secret of ['PRIVATE KEY', line]) {
            const found = await database.query(
              `select 1 from ${table} t where position($1 in row_to_json(t)::text) > 0`,
              [secret],
            );
            expect([table, found.rowCount]).toEqual([table, 0]);
          }
        const { rows } = await database.query(
          `select type, actor, details from audit_events where details->>'client_id' = $1 order by event_id`,
          [at.split('/')[3]],
        );
        expect(rows.map(({ type }) => type)).toEqual(['saml_certificate.added', 'saml_certificate.switched']);
        expect(rows[0].actor).toEqual({ kind: 'client', id: scene.clientId });
      } finally {
        await database.end();
      }
    });
  });

  describe('are for those who may', () => {
    const steps = (by: Api, at: string, id: string): Promise<Answer>[] => [
      by.get(at),
      by.post(at, {}),
      by.post(`${at}/switch`),
      by.post(`${at}/switch-back`),
      by.post(`${at}/replace`, {}),
      by.delete(`${at}/${id}`),
    ];

    it('reach the client: another application finds nothing (R4, C1)', async () => {
      const { id, at } = await fresh();
      const { next = '' } = statuses(await client.post(at));
      const other = await setScene(app);
      const rival = checked(api(app, await clientToken(app, other)));
      for (const base of [
        '/v1/clients',
        `/v1/applications/${other.appId}/clients`,
        `/v1/applications/${scene.appId}/clients`,
      ])
        for (const call of steps(rival, `${base}/${id}/saml-certificates`, next))
          expect((await call).status).toBe(404);
      expect(statuses(await client.get(at)).next).toBe(next);
    });

    it('name the certificate of this client: one of another is not there', async () => {
      const [one, other] = [await fresh(), await fresh()];
      const { next } = statuses(await client.post(other.at));
      expect((await client.delete(`${one.at}/${next}`)).status).toBe(404);
      expect(statuses(await client.get(other.at)).next).toBe(next);
    });

    it('ask of a SAML client: an OIDC client has none (400)', async () => {
      for (const call of steps(client, `/v1/clients/${scene.clientId}/saml-certificates`, 'x'))
        expect(await call).toMatchObject({
          ...BAD,
          body: { message: [expect.stringContaining('OIDC client')] },
        });
    });

    it('have a role that says so, and no role lets bring a key that its bearer then knows (D15)', async () => {
      const other = await setScene(app);
      const give = async (permissions: string[]): Promise<Api> => {
        const role = await admin.post('/v1/roles', { role_name: permissions.join(), permissions });
        const at = `/v1/applications/${other.appId}/clients/${other.clientId}`;
        must(await admin.put(at, { role_ids: [role.body.result.role_id] }));
        return api(app, await clientToken(app, other));
      };
      const { client_id } = must(
        await admin.post(`/v1/applications/${other.appId}/clients`, {
          name: 'Limited',
          authentication_protocol: 'saml',
          sp_entity_id: `https://limited-${other.appId}.example.com`,
        }),
      );
      const provider = await makeProvider();
      const ofClient = `/v1/clients/${client_id}/saml-certificates`;
      const ofProvider = `/v1/serviceprovider/saml2/${provider}/saml-certificates`;
      const reading = await give(['apps:read', 'service-providers:read']);
      for (const at of [ofClient, ofProvider]) {
        const [got, ...written] = await Promise.all(steps(reading, at, 'x'));
        expect(got?.status).toBe(200);
        expect(written.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
      }
      const editing = await give(['apps:edit', 'service-providers:edit']);
      const brought = await broughtFor(300);
      for (const at of [ofClient, ofProvider]) {
        for (const path of [at, `${at}/replace`])
          expect(await editing.post(path, brought)).toMatchObject({
            status: 403,
            body: { message: expect.stringContaining('cannot bring a signing key') },
          });
        expect((await editing.post(at, {})).status).toBe(201);
      }
    });

    // Only a server's database can be given a second tenant from outside.
    it('belong to the tenant: a service provider of another one is not there (C1)', async () => {
      const id = `foreign-${scene.appId}`;
      if (storage.databaseUrl !== undefined) {
        const database = new pg.Client({ connectionString: storage.databaseUrl });
        await database.connect();
        await database.query("insert into tenants (tenant_id, name) values ('rival', 'Rival')");
        await database.query(
          `insert into service_providers (tenant_id, service_provider_id, name, description,
             assertion_consumer_service_url, entity_id, name_qualifier)
           values ('rival', $1, 'Theirs', '', 'https://them.example.com/acs', 'https://them.example.com', '')`,
          [id],
        );
        await database.query(
          `insert into saml_certificates (tenant_id, certificate_id, service_provider_id, status, pem,
             sealed_private_key, not_before, not_after) values ('rival', 'theirs', $1, 'next', 'x', 'x', now(), now())`,
          [id],
        );
        await database.end();
      }
      for (const call of steps(admin, `/v1/serviceprovider/saml2/${id}/saml-certificates`, 'theirs'))
        expect((await call).status).toBe(404);
      const { at } = await fresh();
      expect((await client.delete(`${at}/theirs`)).status).toBe(404);
    });
  });

  it('warn before their end: in the list, in the log at every start, in the trail once', async () => {
    const soon = await fresh();
    const later = await fresh();
    const brought = await broughtFor(12);
    expect((await client.post(`${soon.at}/replace`, brought)).status).toBe(200);
    expect((await client.post(soon.at, await broughtFor(20))).status).toBe(201);
    expect((await client.post(`${later.at}/replace`, await broughtFor(31))).status).toBe(200);
    const [current, next] = listOf(await client.get(soon.at)) as unknown as Record<string, unknown>[];
    expect(current).toMatchObject({
      expires_in_days: 11,
      warning: expect.stringMatching(/ends in 11 days: add/),
    });
    expect(next).toMatchObject({
      expires_in_days: 19,
      warning: expect.stringMatching(/ends in 19 days: delete/),
    });
    expect(listOf(await client.get(later.at))).toMatchObject([{ expires_in_days: 30, warning: null }]);
    const told = (text: string): Record<string, unknown>[] =>
      text
        .split('\n')
        .filter((line) => line.includes('a SAML signing certificate ends soon'))
        .map((line) => JSON.parse(line));
    for (let start = 0; start < 2; start += 1) {
      await app.stop();
      app = await startApp({ ...storage, like: app, port: app.port });
      const linesOf = ({ id }: { id: string }) => told(app.output()).filter((line) => line.client_id === id);
      for (let wait = 0; wait < 40 && linesOf(soon).length < 2; wait += 1) await pause(50);
      expect(linesOf(soon)).toMatchObject([
        { level: 40, certificate_id: current?.certificate_id, status: 'current', expires_in_days: 11 },
        { level: 40, certificate_id: next?.certificate_id, status: 'next', expires_in_days: 19 },
      ]);
      expect(linesOf(later)).toEqual([]);
    }
    if (storage.databaseUrl === undefined) return;
    const database = new pg.Client({ connectionString: storage.databaseUrl });
    await database.connect();
    const { rows } = await database.query(
      `select subject, actor from audit_events where type = 'saml_certificate.expires_soon' and details->>'client_id' = $1`,
      [soon.id],
    );
    await database.end();
    expect(rows.map(({ subject }) => subject).sort()).toEqual(
      [current?.certificate_id, next?.certificate_id].sort(),
    );
    expect(rows[0].actor.kind).toBe('system');
  });
});
