import {
  grantTtl,
  lifetimes,
  refreshTokenTtl,
  withinConsent,
} from '../../src/oidc/policies/token-lifetimes.ts';
import type { Resource } from '../../src/resources/resource.ts';
import type { Tenant } from '../../src/tenants/tenant-store.ts';

const tenant = { accessTokenTtl: 3600, refreshTokenTtl: 1_209_600, maxRefreshRotate: 31_536_000 } as Tenant;
const resource = { accessTokenTtl: 60, refreshTokenTtl: 120, maxRefreshRotate: 600 } as Resource;
const numbers = (access: number | null, refresh: number | null, rotation: number | null) => ({
  tokenExpiration: { access_token_ttl: access, refresh_token_ttl: refresh, max_refresh_rotate: rotation },
});

describe('token lifetimes (contract D3, R63, R175 to R178)', () => {
  it('are the resource’s where one is named, whatever the client says', () => {
    expect(lifetimes(tenant, numbers(1, 2, 3), resource)).toEqual({
      accessToken: 60,
      refreshToken: 120,
      maxRotation: 600,
    });
  });

  it('are the client’s otherwise, and the tenant’s for each number that is null', () => {
    expect(lifetimes(tenant, numbers(1, 2, 3), undefined)).toEqual({
      accessToken: 1,
      refreshToken: 2,
      maxRotation: 3,
    });
    expect(lifetimes(tenant, numbers(1, null, null), undefined)).toEqual({
      accessToken: 1,
      refreshToken: 1_209_600,
      maxRotation: 31_536_000,
    });
  });

  it('end a refresh token at the earlier of its own time and the cap of its chain (C22)', () => {
    const all = lifetimes(tenant, numbers(1, 100, 250), undefined);
    expect(refreshTokenTtl(all, 1000, 1000)).toBe(100);
    expect(refreshTokenTtl(all, 1000, 1200)).toBe(50);
    expect(refreshTokenTtl(all, 1000, 1250)).toBeLessThanOrEqual(0);
  });

  it('let a grant outlive every token that rests on it', () => {
    const all = lifetimes(tenant, numbers(100, 200, 300), undefined);
    expect(grantTtl(all, true)).toBeGreaterThan(300 + 100);
    expect(grantTtl(all, false)).toBeGreaterThan(100);
  });

  it('end what a third party holds with the consent, never in the past (R93)', () => {
    expect(withinConsent(3600, undefined, 1000)).toBe(3600);
    expect(withinConsent(3600, 10_000, 1000)).toBe(3600);
    expect(withinConsent(3600, 1060, 1000)).toBe(60);
    expect(withinConsent(3600, 900, 1000)).toBe(1);
  });
});
