/** When a stored consent is enough for what is asked. */
import type { ClientId, TenantId, UserId } from '../../src/base/ids.ts';
import { covers, scopeText } from '../../src/consents/consent.ts';

const asks = (scopes: string[], resource = '') => ({
  tenantId: 't' as TenantId,
  clientId: 'c' as ClientId,
  userId: 'u' as UserId,
  scopes,
  resource,
});

describe('a consent', () => {
  const consent = { scope: 'openid orders:read', resource: '' };

  it('covers the same and less, and nothing more', () => {
    expect(covers(consent, asks(['orders:read', 'openid']))).toBe(true);
    expect(covers(consent, asks(['openid']))).toBe(true);
    expect(covers(consent, asks(['openid', 'orders:rea']))).toBe(false);
    expect(covers(consent, asks(['openid', 'orders:read', 'email']))).toBe(false);
  });

  it('is for its own resource alone', () => {
    const orders = { ...consent, resource: 'https://orders.example.com' };
    expect(covers(orders, asks(['openid'], 'https://orders.example.com'))).toBe(true);
    expect(covers(orders, asks(['openid'], 'https://orders.example.com/'))).toBe(false);
    expect(covers(orders, asks(['openid']))).toBe(false);
    expect(covers(consent, asks(['openid'], 'https://orders.example.com'))).toBe(false);
  });

  it('has one text for one set of scopes', () => {
    expect(scopeText(['b', 'openid', 'a', 'b'])).toBe('openid a b');
    expect(scopeText(['openid', 'a', 'b'])).toBe(scopeText(['b', 'a', 'openid']));
  });
});
