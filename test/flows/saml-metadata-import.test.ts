/** A SAML client made from the metadata of its service provider (`sp_metadata`, contract/saml.md 1.5). */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateServiceProviderMetadata, type SamlConfig } from '@node-saml/node-saml';
import { makeSelfSigned } from '../../src/keys/certificate.ts';
import { Browser } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Answer, type Api, adminToken, api, clientToken } from '../support/management.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { ACS, ServiceProvider, signOn } from '../support/service-provider.ts';
import {
  acs,
  adfs,
  bare,
  entities,
  entity,
  mellon,
  pysaml2,
  salesforce,
  shibboleth,
} from '../support/sp-metadata.ts';
import { type App, startApp } from '../support/start-app.ts';

const BAD = { status: 400, body: { error_code: 400, message: expect.any(Array) } };
const NOT_READ = 'sp_metadata.url could not be read';

describe.each(policyStorages)('metadata import ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let client: Api;
  let admin: Api;
  let key: Awaited<ReturnType<typeof makeSelfSigned>>;
  let server: Server;
  let place: string;
  let asked: string[] = [];
  let connections = 0;
  const answers: Record<string, RequestListener> = {};
  beforeAll(async () => {
    storage = await options();
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      const answer = answers[request.url ?? ''] ?? ((_, missing) => void missing.writeHead(404).end());
      answer(request, response);
    }).listen(0, '127.0.0.1');
    server.on('connection', () => {
      connections += 1;
    });
    await once(server, 'listening');
    place = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    app = await startApp({ ...storage, env: { ALLOWED_INTERNAL_HOSTS: '127.0.0.1' } });
    scene = await setScene(app);
    client = api(app, await clientToken(app, scene));
    admin = api(app, await adminToken(app));
    key = await makeSelfSigned('provider');
  });
  afterAll(async () => {
    server?.closeAllConnections();
    server?.close();
    await app?.discard();
    await storage?.release();
  });
  beforeEach(() => {
    asked = [];
    connections = 0;
  });

  const body = (fields: Record<string, unknown>) => ({
    name: 'Payroll',
    authentication_protocol: 'saml',
    ...fields,
  });
  const make = (fields: Record<string, unknown>): Promise<Answer> => client.post('/v1/clients', body(fields));
  let count = 0;
  const newId = (): string => `https://sp-${process.pid}-${Date.now()}-${count++}.example.com/metadata`;
  const words = ({ body: { message } }: Answer): string => [message].flat().join('; ');
  const serve = (path: string, xml: string, status = 200, headers: Record<string, string> = {}): string => {
    answers[path] = (_request, response) => void response.writeHead(status, headers).end(xml);
    return place + path;
  };

  it('of @node-saml/node-saml is enough for a whole sign-on, by XML and by URL', async () => {
    for (const by of ['xml', 'url']) {
      const config = {
        issuer: newId(),
        callbackUrl: ACS,
        privateKey: key.privateKey.reveal(),
        publicCerts: key.pem,
        signatureAlgorithm: 'sha256',
        wantAssertionsSigned: true,
      } as const;
      const xml = generateServiceProviderMetadata(config as never);
      const source = by === 'xml' ? { xml } : { url: serve('/node-saml', xml) };
      const made = await make({ sp_metadata: source });
      expect(made).toMatchObject({
        status: 201,
        body: {
          sp_entity_id: config.issuer,
          sp_acs_url: ACS,
          sp_acs_endpoints: [{ index: 1, url: ACS }],
          sp_name_id_type: 'email',
          sign_assertion: true,
          want_authn_requests_signed: true,
        },
      });
      expect(made.body.sp_certificates.map(bare)).toEqual([bare(key.pem)]);
      const { publicCerts: _, ...signing } = config;
      const sp = new ServiceProvider(made.body, signing as Partial<SamlConfig>);
      const form = await signOn(new Browser(app), await sp.redirect('relay'), scene.person);
      expect([form.action, form.RelayState]).toEqual([ACS, 'relay']);
      expect(await sp.accept(form)).toMatchObject({ nameID: scene.person.identifier });
      const unsigned = new ServiceProvider(made.body);
      const page = await new Browser(app).open(await unsigned.redirect());
      expect([page.status, page.html]).toEqual([400, expect.stringContaining('is not signed')]);
    }
  });

  it('makes a client from what well-known programs write', async () => {
    for (const xml of [
      mellon(key.pem),
      pysaml2(key.pem),
      shibboleth(key.pem, key.pem),
      adfs(key.pem),
      salesforce(key.pem),
    ]) {
      const made = await make({ sp_metadata: { xml } });
      expect(made.status).toBe(201);
      expect(made.body.sp_certificates.map(bare)).toEqual([bare(key.pem)]);
      const read = await client.get(`/v1/clients/${made.body.client_id}`);
      expect(read.body).toEqual({ ...made.body, client_secret: null });
      expect(read.body.sp_metadata).toBeUndefined();
      expect((await client.delete(`/v1/clients/${made.body.client_id}`)).status).toBe(204);
    }
  });

  it('is laid under the fields that are sent beside it', async () => {
    const xml = mellon(key.pem).replace('https://app.example.com/mellon/metadata', newId());
    const made = await make({
      sp_metadata: { xml },
      sp_slo_url: '',
      sp_name_id_type: 'username',
      want_authn_requests_signed: false,
      sp_certificates: [],
    });
    expect(made).toMatchObject({
      status: 201,
      body: {
        sp_slo_url: '',
        sp_name_id_type: 'username',
        want_authn_requests_signed: false,
        sp_certificates: [],
      },
    });
  });

  it('changes a client, as a first client of an application, too', async () => {
    const [id, next] = [newId(), newId()];
    const application = await admin.post('/v1/applications', {
      app_name: 'Imported',
      first_client: body({ sp_metadata: { xml: entity({ entityId: id }) } }),
    });
    expect(application).toMatchObject({ status: 201 });
    const { app_id } = application.body.result;
    const [made] = (await admin.get(`/v1/applications/${app_id}/clients`)).body;
    expect(made).toMatchObject({ sp_entity_id: id, sp_acs_url: 'https://sp.example.com/acs' });
    const at = `/v1/applications/${app_id}/clients/${made.client_id}`;
    const xml = entities(entity(), entity({ entityId: id, acs: acs('https://sp.example.com/new', 4) }));
    expect(await admin.put(at, { sp_metadata: { xml } })).toMatchObject({
      status: 200,
      body: {
        sp_entity_id: id,
        sp_acs_url: 'https://sp.example.com/new',
        sp_acs_endpoints: [{ index: 4, url: 'https://sp.example.com/new' }],
      },
    });
    const renamed = body({ sp_metadata: { xml: entity({ entityId: next }) } });
    expect(await admin.put(`/v1/applications/${app_id}`, { first_client: renamed })).toMatchObject({
      status: 200,
    });
    expect((await admin.get(at)).body).toMatchObject({ sp_entity_id: next });
  });

  it('is held against the rules of typed fields', async () => {
    const at = (url: string) => ({ sp_metadata: { xml: entity({ entityId: newId(), acs: acs(url) }) } });
    const wrong: [Record<string, unknown>, string][] = [
      [at('javascript://sp.example.com/%0aalert(1)'), 'sp_acs_url must not have a scheme that browsers run'],
      [at('javascript:alert(1)'), 'sp_acs_url must be an absolute URI'],
      [at('data:text/html,x'), 'sp_acs_url must be an absolute URI'],
      [at('http://sp.example.com/acs'), 'sp_acs_url must use https'],
      [at('https://user@sp.example.com/acs'), 'sp_acs_url must not have a user name'],
      [
        {
          sp_metadata: {
            xml: entity({
              entityId: newId(),
              acs: acs('https://sp.example.com/acs', 1) + acs('http://evil.example.com/acs', 2),
            }),
          },
        },
        'sp_acs_endpoints.1.url must use https',
      ],
      [
        {
          sp_metadata: {
            xml: entity({
              entityId: newId(),
              acs: acs('https://sp.example.com/acs', 1) + acs('https://sp.example.com/b', 1),
            }),
          },
        },
        'the same index twice',
      ],
      [{ sp_metadata: { xml: mellon(key.pem) }, sp_entity_id: newId() }, 'sp_entity_id says'],
      [
        { sp_metadata: { xml: entities(entity(), entity({ entityId: newId() })) } },
        'describes 2 service providers',
      ],
      [
        { sp_metadata: { xml: `<!DOCTYPE x [<!ENTITY e SYSTEM "${place}/xxe">]>${entity()}` } },
        'document type declaration',
      ],
      [
        { sp_metadata: { xml: entity({ attributes: ' validUntil="2020-01-01T00:00:00Z"' }) } },
        'was valid until',
      ],
      [{ sp_metadata: { xml: entity(), certificate: key.pem } }, 'it is not signed'],
      [{ sp_metadata: { xml: entity(), certificate: 'nonsense' } }, 'sp_metadata.certificate must hold'],
      [
        { sp_metadata: { xml: entity(), certificate: key.privateKey.reveal() } },
        'sp_metadata.certificate must hold',
      ],
      [{ sp_metadata: {} }, 'sp_metadata: must have one of xml and url'],
      [{ sp_metadata: { xml: entity(), url: place } }, 'sp_metadata: must have one of xml and url'],
      [{ sp_metadata: { xml: entity(), file: '/etc/passwd' } }, 'sp_metadata.file is not a known field'],
      [{ sp_metadata: entity() }, 'sp_metadata'],
    ];
    const stored = await make({ sp_entity_id: newId() });
    for (const [fields, sentence] of wrong)
      for (const answer of [
        await make(fields),
        await client.put(`/v1/clients/${stored.body.client_id}`, fields),
      ]) {
        expect(answer).toMatchObject(BAD);
        expect(words(answer)).toContain(sentence);
      }
    expect(words(await make({}))).toBe('sp_entity_id is required');
    expect(asked).toEqual([]);
    const { updated_at: _, client_secret: __, ...seen } = stored.body;
    expect((await client.get(`/v1/clients/${stored.body.client_id}`)).body).toMatchObject(seen);
  });

  it('asks nobody for the metadata of a client that is no SAML client, or out of reach', async () => {
    const url = serve('/unasked', entity());
    const oidc = await client.post('/v1/clients', { name: 'Web', redirect_uris: [REDIRECT_URI] });
    const answer = await client.put(`/v1/clients/${oidc.body.client_id}`, { sp_metadata: { url } });
    expect(answer).toMatchObject(BAD);
    expect(words(answer)).toContain('sp_metadata is not a field of an OIDC client');
    expect(await client.put('/v1/clients/nobody', { sp_metadata: { url } })).toMatchObject({ status: 404 });
    const other = await setScene(app);
    const foreign = body({ sp_metadata: { url } });
    expect(await client.post(`/v1/applications/${other.appId}/clients`, foreign)).toMatchObject({
      status: 404,
    });
    expect((await api(app).post('/v1/clients', foreign)).status).toBe(401);
    expect(asked).toEqual([]);
  });

  describe('by URL', () => {
    const from = (url: string) => make({ sp_metadata: { url } });

    it('reads what is there, whatever it is called', async () => {
      const id = newId();
      const url = serve('/plain', entity({ entityId: id }), 200, { 'content-type': 'text/plain' });
      expect(await from(url)).toMatchObject({ status: 201, body: { sp_entity_id: id } });
      expect(asked).toEqual(['/plain']);
    });

    it('asks no internal address that the operator has not listed, and tells nothing about it (SSRF)', async () => {
      const port = new URL(place).port;
      const sentences = new Set<string>();
      for (const host of [
        'localhost',
        '10.0.0.1',
        '169.254.169.254',
        '127.0.0.2',
        '[::1]',
        '0x7f.2',
        '[::ffff:10.0.0.1]',
      ]) {
        const answer = await from(`https://${host}:${port}/internal`);
        expect(answer).toMatchObject(BAD);
        sentences.add(words(answer));
      }
      expect([...sentences]).toEqual([expect.stringContaining(NOT_READ)]);
      for (const url of [
        `http://localhost:${port}/internal`,
        'http://sp.example.com/metadata',
        'file:///etc/passwd',
        'ftp://127.0.0.1/x',
        'metadata',
      ])
        expect(words(await from(url))).toContain('sp_metadata.url must use https');
      expect(words(await from(`http://user:secret@127.0.0.1:${port}/internal`))).toContain(NOT_READ);
      expect([asked, connections]).toEqual([[], 0]);
    });

    it('follows no redirect, takes no error, nothing large, and does not wait for long', async () => {
      serve('/target', entity({ entityId: newId() }));
      const redirect = await from(serve('/redirect', '', 302, { location: '/target' }));
      expect(words(redirect)).toContain('answered 302 instead of 200; redirects are not followed');
      expect(words(await from(`${place}/nothing`))).toContain('answered 404 instead of 200');
      expect(words(await from(serve('/large', ' '.repeat(5_000_000) + entity())))).toContain(NOT_READ);
      expect(words(await from(serve('/latin', '')))).toContain('sp_metadata: there is no XML element');
      answers['/bytes'] = (_request, response) => void response.end(Buffer.from([0x3c, 0xff, 0xfe]));
      expect(words(await from(`${place}/bytes`))).toContain('not UTF-8');
      expect(asked).toEqual(['/redirect', '/nothing', '/large', '/latin', '/bytes']);
      answers['/slow'] = (_request, response) => {
        const drip = setInterval(() => response.write(' '), 500);
        response.on('close', () => clearInterval(drip));
      };
      const begun = Date.now();
      expect(words(await from(`${place}/slow`))).toContain(NOT_READ);
      expect(Date.now() - begun).toBeLessThan(8000);
    });

    it('keeps the database free for others while it waits', async () => {
      let go: (() => void) | undefined;
      const id = newId();
      answers['/waits'] = (_request, response) => {
        go = () => void response.end(entity({ entityId: id }));
      };
      const waiting = from(`${place}/waits`);
      while (go === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await make({ sp_entity_id: newId() })).toMatchObject({ status: 201 });
      go();
      expect(await waiting).toMatchObject({ status: 201, body: { sp_entity_id: id } });
    });
  });
});
