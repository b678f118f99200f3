/** What the engine's short-lived models do that a plain store would not. */
import { jest } from '@jest/globals';
import type { TenantId } from '../../../src/base/ids.ts';
import { EphemeralModel } from '../../../src/oidc/adapter/ephemeral-model.ts';
import type { EphemeralStore, ItemKey } from '../../../src/storage/ephemeral-store.ts';

/** Holds one item, `one`, with this value. */
function modelOf(kind: string, value: Record<string, unknown> = {}) {
  const ended: string[] = [];
  let consumed = false;
  const put = jest.fn<EphemeralStore['put']>(async () => undefined);
  const store: Pick<EphemeralStore, 'get' | 'put' | 'consume'> = {
    put,
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
  return { model, ended, put };
}

describe('a pushed request', () => {
  it('is kept for as long as a sign-in may take, as the engine grants what it does not find', async () => {
    const pushed = modelOf('PushedAuthorizationRequest');
    await pushed.model.upsert('id', {}, 60);
    expect(pushed.put.mock.calls[0]?.[2].ttlSeconds).toBeGreaterThanOrEqual(60 + 2 * 3600);
    const code = modelOf('AuthorizationCode');
    await code.model.upsert('id', {}, 60);
    expect(code.put.mock.calls[0]?.[2].ttlSeconds).toBe(60);
  });

  it('is refused the second time in its own words, and ends nothing', async () => {
    const { model, ended } = modelOf('PushedAuthorizationRequest');
    await model.consume('one');
    await expect(model.consume('one')).rejects.toMatchObject({ error: 'invalid_request_uri' });
    expect(ended).toEqual([]);
  });
});

describe('a code', () => {
  it('is refused to the second of two that both saw it unused, and what the first one got ends (RFC 6749 section 4.1.2, C5)', async () => {
    const { model, ended } = modelOf('AuthorizationCode', { grantId: 'g1' });
    for (const seen of await Promise.all([model.find('one'), model.find('one')]))
      expect(seen).not.toHaveProperty('consumed');
    await model.consume('one');
    expect(ended).toEqual([]);
    await expect(model.consume('one')).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(ended).toEqual(['g1']);
  });
});
