import type { TenantId } from '../../../src/base/ids.ts';
import { EphemeralModel } from '../../../src/oidc/adapter/ephemeral-model.ts';
import type { EphemeralStore, ItemKey } from '../../../src/storage/ephemeral-store.ts';

/** Holds one item, the code `one` of the grant `g1`. */
function modelOf(kind: string, value: Record<string, unknown>) {
  const ended: string[] = [];
  let consumed = false;
  const store: Pick<EphemeralStore, 'get' | 'consume'> = {
    get: async (_at: ItemKey) => ({ value, consumed }),
    consume: async () => {
      const isFirst = !consumed;
      consumed = true;
      return isFirst;
    },
  };
  const model = new EphemeralModel({
    store: store as EphemeralStore,
    tenantId: 't' as TenantId,
    kind,
    endGrant: async (grantId) => void ended.push(grantId),
  });
  return { model, ended };
}

describe('consuming what may be used once', () => {
  it('refuses the second of two that both saw an unused code, and ends what the first one got (RFC 6749 section 4.1.2, C5)', async () => {
    const { model, ended } = modelOf('AuthorizationCode', { grantId: 'g1' });
    for (const seen of await Promise.all([model.find('one'), model.find('one')]))
      expect(seen).not.toHaveProperty('consumed');
    await model.consume('one');
    expect(ended).toEqual([]);
    await expect(model.consume('one')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(ended).toEqual(['g1']);
  });

  it('ends nothing where no grant stands behind the item', async () => {
    const { model, ended } = modelOf('PushedAuthorizationRequest', {});
    await model.consume('one');
    await expect(model.consume('one')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(ended).toEqual([]);
  });
});
