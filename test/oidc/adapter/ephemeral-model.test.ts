import { jest } from '@jest/globals';
import { errors } from 'oidc-provider';
import type { TenantId } from '../../../src/base/ids.ts';
import { EphemeralModel } from '../../../src/oidc/adapter/ephemeral-model.ts';
import type { EphemeralStore } from '../../../src/storage/ephemeral-store.ts';

const modelOver = (kind: string) => {
  const put = jest.fn<EphemeralStore['put']>(async () => undefined);
  const store = { put, consume: async () => false } as unknown as EphemeralStore;
  return { put, model: new EphemeralModel({ store, tenantId: 'a-tenant' as TenantId, kind }) };
};

describe('models that expire soon', () => {
  it('keep a pushed request for as long as a sign-in may take, as the engine grants what it does not find', async () => {
    const pushed = modelOver('PushedAuthorizationRequest');
    await pushed.model.upsert('id', {}, 60);
    expect(pushed.put.mock.calls[0]?.[2].ttlSeconds).toBeGreaterThanOrEqual(60 + 2 * 3600);
    const code = modelOver('AuthorizationCode');
    await code.model.upsert('id', {}, 60);
    expect(code.put.mock.calls[0]?.[2].ttlSeconds).toBe(60);
  });

  it('tell the loser of a race in the words of what was used', async () => {
    await expect(modelOver('PushedAuthorizationRequest').model.consume('id')).rejects.toThrow(
      errors.InvalidRequestUri,
    );
    await expect(modelOver('AuthorizationCode').model.consume('id')).rejects.toThrow(errors.InvalidGrant);
  });
});
