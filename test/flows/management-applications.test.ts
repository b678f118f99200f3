/** Management applications (contract/management-api.md 9, C29) and the settings of the ways to sign in (1). */
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken, postForm } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const PATH = '/v1/management/applications';

describe.each(policyStorages)('management applications ($name)', ({ options }) => {
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
    await app?.discard();
    await storage?.release();
  });

  it('are made, listed, changed and deleted; their tokens manage the tenant and end with them', async () => {
    const made = await admin.post(PATH, { app_name: 'Terraform', app_description: 'Pipelines' });
    expect([made.status, made.body.result]).toEqual([
      201,
      expect.objectContaining({ app_name: 'Terraform', client_secret: expect.any(String) }),
    ]);
    const { app_id: appId, client_id: clientId, client_secret: clientSecret } = made.body.result;
    const token = await clientToken(app, { clientId, clientSecret });
    const by = api(app, token);
    expect((await by.get(`/v1/applications/${scene.appId}`)).status).toBe(200);
    const listed = (await by.get(PATH)).body.result as { app_id: string; client_secret: null }[];
    expect(listed.map((one) => one.app_id)).toContain(appId);
    expect(listed.map((one) => one.client_secret)).toEqual(listed.map(() => null));
    const changed = await admin.put(`${PATH}/${appId}`, { app_description: 'All pipelines' });
    expect(changed.body.result).toMatchObject({ app_name: 'Terraform', app_description: 'All pipelines' });
    expect((await admin.delete(`${PATH}/${appId}`)).status).toBe(204);
    expect((await admin.delete(`${PATH}/${appId}`)).status).toBe(404);
    expect((await by.get(PATH)).status).toBe(401);
    const answer = await postForm(`${app.issuer}/token/introspection`, { token }, scene);
    expect(answer.body).toEqual({ active: false });
  });

  it('sign nobody in, and are no applications of the other routes', async () => {
    const made = (await admin.post(PATH, { app_name: 'Backup' })).body.result;
    const url = `${app.issuer}/auth?client_id=${made.client_id}&response_type=code&scope=openid&redirect_uri=https%3A%2F%2Frp.example.com`;
    const page = await fetch(url, { redirect: 'manual' });
    expect([page.status, page.headers.get('location')]).toEqual([400, null]);
    for (const answer of [
      await admin.get(`/v1/applications/${made.app_id}`),
      await admin.delete(`/v1/applications/${made.app_id}`),
      await admin.put(`${PATH}/${scene.appId}`, { app_name: 'x' }),
      await admin.delete(`${PATH}/${scene.appId}`),
    ])
      expect(answer.status).toBe(404);
  });

  it('do not delete themselves: the tenant keeps one', async () => {
    const [own] = ((await admin.get(PATH)).body.result as { app_id: string; client_id: string }[]).filter(
      (one) => one.client_id === app.management.clientId,
    );
    const answer = await admin.delete(`${PATH}/${own?.app_id}`);
    expect([answer.status, answer.body.message]).toEqual([409, expect.stringContaining('another one')]);
  });

  it('refuse what only applications for end users have, by name', async () => {
    for (const field of ['allow_public_signup', 'redirect_uris', 'logo', 'signing_key_enabled']) {
      const answer = await admin.post(PATH, { app_name: 'X', [field]: true });
      expect([answer.status, answer.body.message]).toEqual([400, [`${field} is not a known field`]]);
    }
  });

  it('keep the settings of the ways to sign in: named methods replaced, others kept', async () => {
    const by = api(app, await clientToken(app, scene));
    const at = `/loginPreferences/${scene.appId}`;
    expect((await by.get(at)).body).toEqual({ result: { auth_methods: {} } });
    const sms = { expiresIn: 5, maxFailures: 3 };
    const totp = { digits: 8, issuer: 'Shop' };
    await by.put(`${at}/authMethods`, { sms, totp });
    const put = await by.put(`${at}/authMethods`, { auth_methods: { sms: { ...sms, maxFailures: 5 } } });
    const expected = { auth_methods: { sms: { ...sms, maxFailures: 5 }, totp } };
    expect([put.status, put.body]).toEqual([200, { result: expected }]);
    expect((await by.get(`/cis${at}`)).body).toEqual({ result: expected });
    expect((await by.get(`/v1/applications/${scene.appId}`)).body.result.login_preferences).toEqual(expected);
    for (const bad of [
      { fax: {} },
      { sms: { expiresIn: 'soon' } },
      { auth_methods: { sms }, more: 1 },
      { google: { clientSecret: 'y' } },
      // The ranges of contract/authentication.md 4 and 5.
      ...[0, 21].map((maxFailures) => ({ sms: { ...sms, maxFailures } })),
      ...[3, 9].map((codeLength) => ({ sms: { ...sms, codeLength } })),
    ])
      expect((await by.put(`${at}/authMethods`, bad)).status).toBe(400);
    const other = await setScene(app);
    expect((await by.get(`/loginPreferences/${other.appId}`)).status).toBe(404);
    expect((await by.put(`/loginPreferences/${other.appId}/authMethods`, { sms })).status).toBe(404);
  });

  it('are never all gone: two that delete each other leave one', async () => {
    const make = async (by: Api, name: string): Promise<{ appId: string; by: Api }> => {
      const { app_id, client_id, client_secret } = (await by.post(PATH, { app_name: name })).body.result;
      const token = await clientToken(app, { clientId: client_id, clientSecret: client_secret });
      return { appId: app_id, by: api(app, token) };
    };
    const [one, other] = [await make(admin, 'One'), await make(admin, 'Other')];
    for (const { app_id } of (await one.by.get(PATH)).body.result)
      if (![one.appId, other.appId].includes(app_id)) await one.by.delete(`${PATH}/${app_id}`);
    expect((await one.by.get(PATH)).body.result).toHaveLength(2);
    const answers = await Promise.all([
      one.by.delete(`${PATH}/${other.appId}`),
      other.by.delete(`${PATH}/${one.appId}`),
    ]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    const survivor = answers[0]?.status === 204 ? one : other;
    const left = await survivor.by.get(PATH);
    expect([left.status, left.body.result.map((shown: { app_id: string }) => shown.app_id)]).toEqual([
      200,
      [survivor.appId],
    ]);
  });
});
