/** A delegated consent: what one user, the subject, lets another, the actor, do in the subject's place (contract/oidc.md 16). */
import type { AppId, ConsentId, TenantId, UserId } from '../base/ids.ts';

export interface DelegatedConsent {
  readonly consentId: ConsentId;
  readonly tenantId: TenantId;
  /** The application it is good in; null for every application of the tenant. */
  readonly appId: AppId | null;
  readonly actorId: UserId;
  readonly subjectId: UserId;
  readonly permissions: readonly string[];
  readonly createdAt: Date;
  /** Null while the subject has not answered. */
  readonly grantedAt: Date | null;
  readonly expiresAt: Date;
}

/** Two users of one application; the order matters. */
export interface Delegation {
  readonly tenantId: TenantId;
  readonly appId: AppId;
  readonly actorId: UserId;
  readonly subjectId: UserId;
}

export const DEFAULT_VALIDITY_SECONDS = 30 * 86_400;
/** Of a dependent user's own creation: until it is taken back, which is a hundred years. */
export const LASTING_SECONDS = 100 * 365 * 86_400;

export const permits = (
  { permissions }: Pick<DelegatedConsent, 'permissions'>,
  asked: readonly string[],
): boolean => asked.every((permission) => permissions.includes(permission));
