/** Writers of one moment wait for one another; none of them waits for one that waits for it. */
import pg from 'pg';
import { type StorageOptions, storages } from '../support/engines.ts';
import { type Answer, type Api, adminToken, api, clientToken } from '../support/management.ts';
import { setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import { addThirdParty, decide, reachConsent } from '../support/third-party.ts';

describe.each(storages)('writes of one moment ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let admin: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    admin = api(app, await adminToken(app));
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  it('to an application with a domain of its own and to its users all succeed', async () => {
    const scene = await setScene(app);
    const path = `/v1/applications/${scene.appId}`;
    expect((await admin.put(path, { custom_domain: 'shop.example.com' })).status).toBe(200);
    const own = api(app, await clientToken(app, scene));
    const answers: Promise<Answer>[] = [];
    for (let n = 0; n < 30; n++) {
      answers.push(own.post('/v1/users', { email: `moment-${n}@example.com` }));
      answers.push(admin.put(path, { app_description: `${n}` }));
    }
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect([...new Set(statuses)].sort()).toEqual([200, 201]);
  });

  it('that give a role to what is being deleted give it, or say that it is not there', async () => {
    const { appId } = await setScene(app);
    const roles = `/v1/applications/${appId}/roles`;
    const { role_id } = (await admin.post(roles, { role_name: 'given' })).body.result;
    const give = (type: string, id: string) =>
      admin.post(`${roles}/${role_id}/assignments`, { entity_type: type, entity_ids: [id] });
    const given: number[] = [];
    const deleted: number[] = [];
    for (let n = 0; n < 12; n++) {
      const { group_id } = (await admin.post('/v1/groups', { name: `gone-${n}` })).body.result;
      const { user_id } = (await admin.post('/v1/users', { email: `gone-${n}@example.com` })).body.result;
      const [ofGroup, groupEnd, ofUser, userEnd] = await Promise.all([
        give('Group', group_id),
        admin.delete(`/v1/groups/${group_id}`),
        give('User', user_id),
        admin.delete(`/v1/manage/users/${user_id}`),
      ]);
      given.push(ofGroup.status, ofUser.status);
      deleted.push(groupEnd.status, userEnd.status);
    }
    expect(deleted.filter((status) => status !== 204)).toEqual([]);
    expect(given.filter((status) => status !== 204 && status !== 400)).toEqual([]);
  });

  it('that make users and organizations in an application that is being deleted make them, or say that it is gone', async () => {
    const made: number[] = [];
    const deleted: number[] = [];
    for (let n = 0; n < 8; n++) {
      const scene = await setScene(app);
      const { appId } = scene;
      const own = api(app, await clientToken(app, scene));
      const { organization_id } = (
        await admin.post('/v1/organizations', { name: `holding-${n}`, app_ids: [appId] })
      ).body.result;
      const branches = `/v1/organizations/${organization_id}/applications/${appId}/managed-organizations`;
      const work = (at: number) => [
        own.post('/v1/users', { email: `late-${n}-${at}@example.com` }),
        admin.post(branches, { name: `branch-${n}-${at}` }),
      ];
      const before = [...work(0), ...work(1)];
      const end = admin.delete(`/v1/applications/${appId}`);
      const answers = await Promise.all([...before, ...work(2), ...work(3)]);
      deleted.push((await end).status);
      made.push(...answers.map(({ status }) => status));
    }
    expect(deleted.filter((status) => status !== 204)).toEqual([]);
    // 401: the token of a client that is gone.
    expect(made.filter((status) => ![201, 401, 404, 409].includes(status))).toEqual([]);
  });

  it('that revoke one consent: one of them does it, with one event; for the others it is not there', async () => {
    const scene = await setScene(app);
    const own = api(app, await clientToken(app, scene));
    for (let n = 0; n < 3; n++) {
      const party = await addThirdParty(app, scene, { allowed_scopes: ['email'] });
      const { browser, page } = await reachConsent(app, scene, party, { scope: 'openid email' });
      await decide(browser, page, 'allow');
      const path = `/v1/consents/clients/${party.clientId}/users/${scene.person.userId}`;
      const [consent] = (await own.get(`/v1/consents?client_id=${party.clientId}`)).body.result;
      const answers = await Promise.all(Array.from({ length: 8 }, () => own.delete(path)));
      const statuses = answers.map(({ status }) => status);
      expect(statuses.sort()).toEqual([200, ...Array(7).fill(404)]);
      // The embedded database shows its trail to nobody while it serves.
      if (storage.databaseUrl !== undefined) expect(await revocationsOf(consent.consent_id)).toBe(1);
    }
  });

  async function revocationsOf(consentId: string): Promise<number> {
    const client = new pg.Client({ connectionString: storage.databaseUrl ?? '' });
    await client.connect();
    const { rows } = await client.query(
      "select 1 from audit_events where type = 'consent.revoked' and subject = $1",
      [consentId],
    );
    await client.end();
    return rows.length;
  }
});
