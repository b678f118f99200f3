/** A client group of the SSO Service: clients that share a sign-in policy and a session (contract/saml.md 4). */
import type { SsoGroupId, TenantId } from '../base/ids.ts';

/** Seconds in one unit of `sessionTimeout`. */
export const GRANULARITIES = {
  seconds: 1,
  minutes: 60,
  hours: 3600,
  days: 86_400,
  weeks: 604_800,
} as const;
export type Granularity = keyof typeof GRANULARITIES;

/** The stored document, in the camelCase of contract/management-api.md 14. */
export interface SsoGroupConfiguration {
  /** Names the policy that signs people in; `default` is hosted login. */
  readonly journey: string;
  /** A second client of the group signs in without a page. */
  readonly allowSilentLogin: boolean;
  /** Absent: the lifetime that every session has (contract D4). */
  readonly sessionTimeout?: number;
  readonly sessionTimeoutGranularity?: Granularity;
}

/** What a caller may set; absent members keep their value. */
export interface SsoGroupInput {
  readonly name: string;
  readonly description: string;
  readonly configuration: SsoGroupConfiguration;
}

export interface SsoGroup extends SsoGroupInput {
  readonly groupId: SsoGroupId;
  readonly tenantId: TenantId;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
