/** Nobody can lock a tenant out: one client that can get an admin token is always left (contract/management-api.md 9, C29). */
import { type StorageOptions, storages } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken, postForm } from '../support/management.ts';
import { type App, startApp } from '../support/start-app.ts';

const PATH = '/v1/management/applications';
const WHY = expect.stringMatching(/last client that can get an admin token.*create another/);

interface Made {
  readonly appId: string;
  readonly clientId: string;
  readonly by: Api;
}

// Redis holds nothing that this is about; Postgres has the true concurrency.
const lasting = storages.filter(({ name }) => name !== 'postgres+redis');

describe.each(lasting)('the last client that manages the tenant ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  async function make(by: Api): Promise<Made> {
    const {
      app_id: appId,
      client_id: clientId,
      client_secret,
    } = (await by.post(PATH, { app_name: 'Only' })).body.result;
    return {
      appId,
      clientId,
      by: api(app, await clientToken(app, { clientId, clientSecret: client_secret })),
    };
  }
  /** A management application beside which there is no other. */
  async function onlyOne(): Promise<Made> {
    current = await make(current?.by ?? api(app, await adminToken(app)));
    for (const { app_id } of (await current.by.get(PATH)).body.result)
      if (app_id !== current.appId) expect((await current.by.delete(`${PATH}/${app_id}`)).status).toBe(204);
    return current;
  }
  let current: Made | undefined;

  it('is deleted by none of the ways to delete it, and its token goes on working', async () => {
    const { appId, clientId, by } = await onlyOne();
    const secrets = (await by.get(`/v1/clients/${clientId}/secrets`)).body;
    for (const path of [
      '/v1/clients',
      `/v1/clients/${clientId}`,
      `/v1/applications/${appId}/clients`,
      `/v1/applications/${appId}/clients/${clientId}`,
    ]) {
      const answer = await by.delete(path);
      expect([path, answer.status, answer.body.message]).toEqual([path, 409, WHY]);
    }
    expect((await by.delete(`${PATH}/${appId}`)).status).toBe(409);
    const [secret] = secrets;
    expect((await by.delete(`/v1/clients/${clientId}/secrets/${secret.id}`)).status).toBe(400);
    expect((await by.get(PATH)).body.result).toHaveLength(1);
  });

  it('does not lose its credentials to PKCE, in neither of the places to say so (D10)', async () => {
    const { appId, clientId, by } = await onlyOne();
    const pkce = 'enforcePkceInsteadOfClientCredentials';
    for (const answer of [
      await by.put(`/v1/clients/${clientId}`, { pkce }),
      await by.put(`/v1/clients/${clientId}`, { token_endpoint_auth_method: 'none' }),
      await by.put(`${PATH}/${appId}`, { first_client: { name: 'x', redirect_uris: [], pkce } }),
    ])
      expect([answer.status, answer.body.message]).toEqual([409, WHY]);
    expect((await by.get(`/v1/clients/${clientId}`)).body.token_endpoint_auth_method).not.toBe('none');
  });

  it('is not replaced by a SAML client or one without credentials, which get no token', async () => {
    const { appId, clientId, by } = await onlyOne();
    const saml = { name: 'S', authentication_protocol: 'saml', sp_entity_id: `urn:${clientId}` };
    expect((await by.post(`/v1/applications/${appId}/clients`, saml)).status).toBe(201);
    const open = { name: 'P', redirect_uris: [], pkce: 'enforcePkceInsteadOfClientCredentials' };
    const made = await by.post(`/v1/applications/${appId}/clients`, open);
    expect(made.status).toBe(201);
    const token = await postForm(`${app.issuer}/token`, {
      grant_type: 'client_credentials',
      client_id: made.body.client_id,
    });
    expect([token.status, token.body.access_token]).toEqual([400, undefined]);
    expect((await by.delete(`/v1/clients/${clientId}`)).status).toBe(409);
  });

  it('may go once there is another, and clients of other applications always may', async () => {
    const { appId, clientId, by } = await onlyOne();
    const second = await by.post(`/v1/applications/${appId}/clients`, { name: 'Second', redirect_uris: [] });
    const { client_id, client_secret } = second.body;
    const other = api(app, await clientToken(app, { clientId: client_id, clientSecret: client_secret }));
    expect((await other.delete(`/v1/clients/${clientId}`)).status).toBe(204);
    const answer = await other.delete(`/v1/clients/${client_id}`);
    expect([answer.status, answer.body.message]).toEqual([409, WHY]);
    const shop = await other.post('/v1/applications', { app_name: 'Shop', client_display_name: 'Web' });
    current = { appId, clientId: client_id, by: other };
    expect((await other.delete(`/v1/applications/${shop.body.result.app_id}/clients`)).status).toBe(204);
  });

  it('is left by any two that remove each other at the same moment', async () => {
    const ways: readonly ((of: Made) => string)[] = [
      ({ appId, clientId }) => `/v1/applications/${appId}/clients/${clientId}`,
      ({ appId }) => `/v1/applications/${appId}/clients`,
      ({ appId }) => `${PATH}/${appId}`,
    ];
    for (const [first, second] of ways.flatMap((one) => ways.map((two) => [one, two] as const))) {
      const one = await onlyOne();
      await oneIsLeft(one, await make(one.by), [first(one), second]);
    }
  });

  it('is left by two clients of one application that remove each other at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const one = await onlyOne();
      const { client_id: clientId, client_secret: clientSecret } = (
        await one.by.post('/v1/clients', { name: 'Twin', redirect_uris: [] })
      ).body;
      const by = api(app, await clientToken(app, { clientId, clientSecret }));
      const path = ({ clientId: id }: Made) => `/v1/clients/${id}`;
      await oneIsLeft(one, { appId: one.appId, clientId, by }, [path(one), path]);
    }
  });

  /** Each removes the other; the one that comes second is refused. */
  async function oneIsLeft(one: Made, other: Made, [first, second]: [string, (of: Made) => string]) {
    const answers = await Promise.all([other.by.delete(first), one.by.delete(second(other))]);
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    // Its token ends with its client: whoever is looked at after the first was through gets no further.
    expect([409, 401]).toContain(statuses.find((status) => status !== 204));
    current = statuses[0] === 204 ? other : one;
    expect((await current.by.get(PATH)).status).toBe(200);
  }
});
