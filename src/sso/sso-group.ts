/** A client group of the SSO Service: clients that share a sign-in policy and a session (contract/saml.md 4). */
import type { SsoGroupId, TenantId } from '../base/ids.ts';
import type { Granularity } from '../clients/client-group.ts';

/** The stored document, in the camelCase of contract/management-api.md 14. */
export interface SsoGroupConfiguration {
  /** Names the policy that signs people in (sign-in-policy.ts); `default` is hosted login. */
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
