/** Which tokens a row of the management API lets in at all. */
import { assertMayCall } from '../../src/admin/permission.ts';
import type { UserCaller } from '../../src/base/caller.ts';
import type { AppId, ClientId, TenantId, UserId } from '../../src/base/ids.ts';

const user = (isThirdParty: boolean): UserCaller => ({
  kind: 'user',
  tenantId: 't' as TenantId,
  clientId: 'c' as ClientId,
  appId: 'a' as AppId,
  userId: 'u' as UserId,
  scopes: new Set(['openid']),
  isThirdParty,
});

describe('a row for user tokens', () => {
  it('is closed to tokens that an outside service got, and so is the profile of the user (R97, C25)', () => {
    expect(() => assertMayCall({ tokens: ['user'] }, user(false))).not.toThrow();
    expect(() => assertMayCall({ tokens: ['user'] }, user(true))).toThrow('third-party');
    expect(() => assertMayCall({ tokens: ['client', 'admin'] }, user(false))).toThrow('kind of token');
  });
});
