/** Writers of one moment wait for one another; none of them waits for one that waits for it. */
import { type StorageOptions, storages } from '../support/engines.ts';
import { type Answer, type Api, adminToken, api, clientToken } from '../support/management.ts';
import { setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

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
});
