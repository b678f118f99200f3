/** Decides how long tokens live (contract D3, C22), each number separately. */

import type { Resource } from '../../resources/resource.ts';
import type { Tenant } from '../../tenants/tenant-store.ts';
import type { EngineSettings } from '../adapter/client-model.ts';

/** Seconds. */
export interface Lifetimes {
  readonly accessToken: number;
  readonly refreshToken: number;
  readonly maxRotation: number;
}

type Settings = Pick<EngineSettings, 'tokenExpiration'>;

/** A named resource wins; else the client's number; else, for null, the tenant's default resource. */
export function lifetimes(
  tenant: Tenant,
  { tokenExpiration }: Settings,
  resource: Resource | undefined,
): Lifetimes {
  if (resource)
    return {
      accessToken: resource.accessTokenTtl,
      refreshToken: resource.refreshTokenTtl,
      maxRotation: resource.maxRefreshRotate,
    };
  return {
    accessToken: tokenExpiration.access_token_ttl ?? tenant.accessTokenTtl,
    refreshToken: tokenExpiration.refresh_token_ttl ?? tenant.refreshTokenTtl,
    maxRotation: tokenExpiration.max_refresh_rotate ?? tenant.maxRefreshRotate,
  };
}

/** Seconds until a new refresh token of a chain that began at `firstIssued` (epoch seconds) ends; 0 or less: no more rotation. */
export const refreshTokenTtl = (numbers: Lifetimes, firstIssued: number, now: number): number =>
  Math.min(numbers.refreshToken, firstIssued + numbers.maxRotation - now);

/** A grant outlives every token that rests on it. */
export const grantTtl = (numbers: Lifetimes, offline: boolean): number =>
  (offline ? numbers.maxRotation : 0) + numbers.accessToken + 600;

/** What a third party holds ends with the user's consent, at `endsAt` (epoch seconds), at the latest (R93). */
export const withinConsent = (seconds: number, endsAt: number | undefined, now: number): number =>
  endsAt === undefined ? seconds : Math.max(1, Math.min(seconds, endsAt - now));
