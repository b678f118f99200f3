/** A user's own passkeys: nobody else removes them. */
import { PasskeyList } from '../../src/factors/passkey-list.ts';
import { PasskeyStore } from '../../src/users/passkey-store.ts';
import { policyStorages } from '../support/engines.ts';
import { type FactorScene, setFactorScene } from '../support/factor-scene.ts';

const [storage] = policyStorages;
if (!storage) throw new Error('there is always the embedded database');

describe('the list of passkeys', () => {
  let scene: FactorScene;
  beforeAll(async () => {
    scene = await setFactorScene(storage);
    await new PasskeyStore(scene.db).insert(scene.tenantId, {
      credentialId: 'ada-key',
      userId: scene.ada,
      rpId: 'localhost',
      appId: undefined,
      username: 'ada',
      userHandle: 'handle',
      publicKey: 'key',
      counter: 0,
      transports: [],
      aaguid: '00000000-0000-0000-0000-000000000000',
      deviceType: 'singleDevice',
      backedUp: false,
    });
  });
  afterAll(() => scene?.close());

  it("answers 404 for another user's passkey and leaves it where it is; its owner removes it once", async () => {
    const list = new PasskeyList(scene);
    const { tenantId, ada, bob } = scene;
    await expect(list.remove(tenantId, bob, 'ada-key')).rejects.toMatchObject({ status: 404 });
    expect((await list.list(tenantId, ada)).map(({ credentialId }) => credentialId)).toEqual(['ada-key']);
    expect(await list.list(tenantId, bob)).toEqual([]);
    await scene.trail();
    await list.remove(tenantId, ada, 'ada-key');
    expect(await scene.trail()).toEqual(['user.passkey_removed']);
    await expect(list.remove(tenantId, ada, 'ada-key')).rejects.toMatchObject({ status: 404 });
  });
});
