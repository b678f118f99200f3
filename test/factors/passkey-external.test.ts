import { passkeys } from '../../src/factors/passkeys.ts';
import { policyStorages } from '../support/engines.ts';
import { type FactorScene, setFactorScene } from '../support/factor-scene.ts';

const ANSWER = { sessionId: 'x', credential: {} } as never;

describe.each(policyStorages)('a passkey that a backend’s hint asks for ($name)', (storage) => {
  let scene: FactorScene;
  beforeAll(async () => {
    scene = await setFactorScene(storage);
  });
  afterAll(() => scene?.close());

  it('is not made for a user who has joined another application since the hint was given out', async () => {
    const { external } = passkeys({
      ...scene,
      users: { create: () => Promise.reject(new Error('nobody is made here')) },
      publicUrl: new URL('http://localhost:3000'),
      houseName: () => 'Tessera',
    });
    const { tenantId, appId, clientId, otherAppId } = scene;
    const hint = { clientId, appId, identifier: 'ada', redirectUri: 'https://rp.example.com/callback' };
    await expect(external.registerHinted(tenantId, hint, ANSWER)).rejects.toMatchObject({ status: 403 });
    // Of this application alone: it comes as far as the ceremony, which this answer is not of.
    await scene.db.deleteFrom('user_applications').where('app_id', '=', otherAppId).execute();
    await expect(external.registerHinted(tenantId, hint, ANSWER)).rejects.toMatchObject({ status: 400 });
  });
});
