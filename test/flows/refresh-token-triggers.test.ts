/** Refresh tokens end with a change of the user, where the application's setting wants it (tokens-and-sessions.md 5). */
import { setTimeout as pause } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const ROLE_CLAIMS = JSON.stringify({ id_token: { roles: null, role_values: null, permissions: null } });

describe.each(policyStorages)('refresh tokens of a changed user ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let admin: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    admin = api(app, await adminToken(app));
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const rolesOf = ({ appId }: Scene) => `/v1/applications/${appId}/roles`;
  const createRole = async (of: Scene, body: Record<string, unknown>): Promise<string> => {
    const answer = await admin.post(rolesOf(of), body);
    if (answer.status !== 201) throw new Error(`no role: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.result.role_id;
  };
  const assign = (of: Scene, roleId: string, userId = of.person.userId) =>
    admin.post(`${rolesOf(of)}/${roleId}/assignments`, { entity_ids: [userId], entity_type: 'User' });

  async function keepRefreshTokens(of: Scene): Promise<void> {
    const settings = {
      invalidateOnMemberSuspension: false,
      invalidateOnMemberPasswordReset: false,
      invalidateOnMemberRoleUpdate: false,
    };
    const changed = await admin.put(`/v1/applications/${of.appId}`, {
      refresh_token_invalidation_trigger_configuration: settings,
    });
    expect(changed.status).toBe(200);
  }

  const newPassword = 'Zq7!unlikely-Password-4';
  const triggers: [string, (of: Scene, roleId: string) => Promise<unknown>][] = [
    ['a role is given', (of, roleId) => assign(of, roleId)],
    [
      'a role is taken',
      async (of, roleId) => {
        await assign(of, roleId);
        await admin.delete(`${rolesOf(of)}/${roleId}/assignments/${of.person.userId}`);
      },
    ],
    [
      'a role is deleted',
      async (of, roleId) => {
        await assign(of, roleId);
        await admin.delete(`${rolesOf(of)}/${roleId}`);
      },
    ],
    [
      'the user is suspended',
      async (of) => {
        await admin.put(`/v1/users/${of.person.userId}`, { status: 'Disabled' });
        await admin.put(`/v1/users/${of.person.userId}`, { status: 'Active' });
      },
    ],
    [
      'the password is reset',
      (of) => admin.put(`/v1/users/${of.person.userId}/password`, { password: newPassword }),
    ],
  ];
  it.each(triggers)(
    '%s: refresh tokens of that application end, unless its setting keeps them',
    async (_, change) => {
      const [strict, lenient] = [await setScene(app), await setScene(app)];
      await keepRefreshTokens(lenient);
      const person = strict.person;
      const here = await strict.rp.signIn(app, person, { parameters: OFFLINE });
      const there = await lenient.rp.signIn(app, person, { parameters: OFFLINE });
      const bystander = await strict.rp.signIn(app, lenient.person, { parameters: OFFLINE });
      for (const shop of [strict, { ...lenient, person }])
        await change(shop, await createRole(shop, { role_name: 'changing' }));
      await expect(strict.rp.refresh(String(here.refresh_token))).rejects.toMatchObject({
        error: 'invalid_grant',
      });
      expect((await lenient.rp.refresh(String(there.refresh_token))).refresh_token).toBeDefined();
      expect((await strict.rp.refresh(String(bystander.refresh_token))).refresh_token).toBeDefined();
      // Only refreshing ends: the access token lives its time.
      expect(await strict.rp.introspect(here.access_token)).toMatchObject({ active: true });
    },
  );

  it('end a chain of refresh tokens that is rotating at that very moment', async () => {
    const shop = await setScene(app);
    const roleId = await createRole(shop, { role_name: 'sudden' });
    const deadline = Date.now() + 20_000;
    let rotations = 0;
    const rotate = async (): Promise<unknown> => {
      let token = String((await shop.rp.signIn(app, shop.person, { parameters: OFFLINE })).refresh_token);
      started();
      try {
        while (Date.now() < deadline) {
          token = String((await shop.rp.refresh(token)).refresh_token);
          rotations += 1;
        }
        return 'still refreshing';
      } catch (error) {
        return (error as { error?: string }).error;
      }
    };
    let waiting = 4;
    let started: () => void = () => undefined;
    const allStarted = new Promise<void>((resolve) => {
      started = () => {
        waiting -= 1;
        if (waiting === 0) resolve();
      };
    });
    const chains = Array.from({ length: waiting }, rotate);
    await allStarted;
    while (rotations < 8 && Date.now() < deadline) await pause(5);
    expect((await assign(shop, roleId)).status).toBe(204);
    expect(await Promise.all(chains)).toEqual(Array(4).fill('invalid_grant'));
    expect(rotations).toBeGreaterThanOrEqual(8);
  });

  it('follow the user’s current roles on refresh where the application keeps refresh tokens (R160)', async () => {
    const shop = await setScene(app);
    await keepRefreshTokens(shop);
    const roleId = await createRole(shop, { role_name: 'late', permissions: ['orders:view'] });
    const tokens = await shop.rp.signIn(app, shop.person, {
      parameters: { ...OFFLINE, claims: ROLE_CLAIMS },
    });
    expect(decodeJwt(tokens.access_token).roles).toEqual([]);
    await assign(shop, roleId);
    const next = await shop.rp.refresh(String(tokens.refresh_token));
    expect(decodeJwt(next.access_token).roles).toEqual([roleId]);
    expect(next.claims()?.permissions).toEqual(['orders:view']);
    await admin.delete(`${rolesOf(shop)}/${roleId}/assignments/${shop.person.userId}`);
    const last = await shop.rp.refresh(String(next.refresh_token));
    expect(decodeJwt(last.access_token).roles).toEqual([]);
  });
});
