/** A session that was ended while a request was under way does not come back with the end of that request. */
import type { TenantId } from '../../../src/base/ids.ts';
import { SessionModel } from '../../../src/oidc/adapter/session-model.ts';
import { withRequestState } from '../../../src/oidc/request-state.ts';
import type { EphemeralStore, ItemKey, PutOptions } from '../../../src/storage/ephemeral-store.ts';

const nameOf = ({ kind, key }: ItemKey): string => `${kind}/${key}`;

/** As much of a store as sessions need. */
function memory() {
  const items = new Map<string, { value: Record<string, unknown>; options: PutOptions }>();
  const store: Pick<EphemeralStore, 'put' | 'replace' | 'get' | 'remove'> = {
    put: async (at, value, options) => void items.set(nameOf(at), { value, options }),
    replace: async (at, value, options) => {
      if (!items.has(nameOf(at))) return false;
      items.set(nameOf(at), { value, options });
      return true;
    },
    get: async (at) => {
      const item = items.get(nameOf(at));
      return item && { value: item.value, consumed: false };
    },
    remove: async (at) => items.delete(nameOf(at)),
  };
  return {
    items,
    model: new SessionModel({ ephemeral: store as EphemeralStore, tenantId: 't' as TenantId }),
  };
}

const ANN = { uid: 'uid-1', accountId: 'ann', loginTs: 1000, kind: 'Session' };

describe('a browser session', () => {
  /** Saved by an earlier request. */
  async function begun() {
    const { items, model } = memory();
    await withRequestState(() => model.upsert('first', ANN, 60));
    return { items, model };
  }
  const endElsewhere = (model: SessionModel) => withRequestState(() => model.destroy('first'));

  it('is found by its cookie and its uid, keeps no credential, and can be found by its user', async () => {
    const { items, model } = await begun();
    expect(await model.find('first')).toEqual({ ...ANN, jti: 'first' });
    expect(await model.findByUid('uid-1')).toEqual(ANN);
    expect(JSON.stringify([...items])).not.toContain('first');
    expect([...items.values()].map(({ options }) => options.userId)).toEqual(['ann', undefined]);
  });

  it('is saved again by a request that used it, under its id or a new one', async () => {
    const { model } = await begun();
    await withRequestState(async () => {
      await model.find('first');
      await model.upsert('first', { ...ANN, acr: 'x' }, 60);
    });
    expect((await model.find('first'))?.acr).toBe('x');
    await withRequestState(async () => {
      await model.find('first');
      await model.destroy('first');
      await model.upsert('second', ANN, 60);
    });
    expect([await model.find('first'), (await model.find('second'))?.accountId]).toEqual([undefined, 'ann']);
  });

  it('stays away where it was ended after the request had read it', async () => {
    const { model } = await begun();
    await withRequestState(async () => {
      await model.find('first');
      await endElsewhere(model);
      await model.upsert('first', ANN, 60);
    });
    expect(await model.find('first')).toBeUndefined();
  });

  it('stays away also where the request gave it another id, as after a consent', async () => {
    const { model } = await begun();
    await withRequestState(async () => {
      await model.find('first');
      await endElsewhere(model);
      await model.destroy('first');
      await model.upsert('second', ANN, 60);
    });
    expect(await model.find('second')).toBeUndefined();
  });

  it('begins anew where the user has authenticated in that request', async () => {
    const { model } = await begun();
    await withRequestState(async () => {
      await model.find('first');
      await endElsewhere(model);
      await model.destroy('first');
      await model.upsert('second', { ...ANN, loginTs: 2000 }, 60);
    });
    expect((await model.find('second'))?.loginTs).toBe(2000);
  });
});
