/** The plain settings of an OIDC client, from the creation to the page that names it. */
import { Browser } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api } from '../support/management.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

describe.each(policyStorages)('client settings ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let admin: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    admin = api(app, await adminToken(app));
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const clients = () => `/v1/applications/${scene.appId}/clients`;
  const make = (fields: Record<string, unknown> = {}) =>
    admin.post(clients(), { name: 'Made', redirect_uris: [REDIRECT_URI], ...fields });

  it('make an OIDC client unless told otherwise, for good (R9, R24)', async () => {
    for (const fields of [{}, { authentication_protocol: 'oidc' }]) {
      const made = await make(fields);
      expect(made).toMatchObject({ status: 201, body: { authentication_protocol: 'oidc' } });
      const at = `${clients()}/${made.body.client_id}`;
      expect((await admin.put(at, { authentication_protocol: 'saml' })).status).toBe(400);
      expect((await admin.get(at)).body.authentication_protocol).toBe('oidc');
    }
    expect((await make({ authentication_protocol: 'ldap' })).status).toBe(400);
  });

  it('keep a description, which may be left out (R29)', async () => {
    const bare = await make();
    expect(bare.body.description).toBe('');
    const at = `${clients()}/${bare.body.client_id}`;
    expect((await admin.put(at, { description: 'Where orders are placed' })).body.description).toBe(
      'Where orders are placed',
    );
    expect((await admin.put(at, { name: 'Renamed' })).body.description).toBe('Where orders are placed');
    expect((await make({ description: 'At once' })).body.description).toBe('At once');
  });

  it('have a name, by which the sign-in page tells who is asking (R28)', async () => {
    const name = 'Ana & <b>Bob</b>’s shop';
    expect((await make({ name: '' })).status).toBe(400);
    expect((await admin.put(`${clients()}/${scene.clientId}`, { name })).body.name).toBe(name);
    const page = await new Browser(app).open((await scene.rp.authorize()).url);
    expect(page.html).toContain('Ana &amp; &lt;b&gt;Bob&lt;/b&gt;’s shop');
    expect(page.html).not.toContain('<b>Bob');
    const list = (await admin.get(clients())).body as { name: string }[];
    expect(list.map((client) => client.name)).toContain(name);
  });
});
