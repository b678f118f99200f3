/** A resource of the tenant: one URI with lifetimes of its own (contract R134, R171). */
import type { ResourceId, TenantId } from '../base/ids.ts';
import type { SigningAlg } from '../storage/tables.ts';

export interface Resource {
  readonly resourceId: ResourceId;
  readonly tenantId: TenantId;
  readonly name: string;
  readonly description: string;
  readonly uri: string;
  /** Seconds. */
  readonly accessTokenTtl: number;
  /** Seconds. */
  readonly refreshTokenTtl: number;
  /** Seconds since the first token of a chain. */
  readonly maxRefreshRotate: number;
  readonly signingAlg: SigningAlg;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a caller may set; absent members keep their value. */
export interface ResourceInput {
  readonly name: string;
  readonly description: string;
  readonly uri: string;
  readonly accessTokenTtl: number;
  readonly refreshTokenTtl: number;
  readonly maxRefreshRotate: number;
  readonly signingAlg: SigningAlg;
}

/** Why this cannot be a resource URI (RFC 8707 section 2), or undefined if it can. */
export function resourceUriProblem(uri: string): string | undefined {
  if (!URL.canParse(uri) || /[\s\\]/.test(uri)) return 'must be an absolute URI';
  if (uri.includes('#')) return 'must not have a fragment';
  return undefined;
}
