/** One interface for everything that expires: codes, sessions, interactions, replay guards. */
import type { TenantId } from '../base/ids.ts';

export interface ItemKey {
  readonly tenantId: TenantId;
  /** What the item is, e.g. `AuthorizationCode`. */
  readonly kind: string;
  /** Already hashed where the plain value is a credential. */
  readonly key: string;
}

export interface Item {
  readonly value: Record<string, unknown>;
  readonly consumed: boolean;
}

export interface PutOptions {
  readonly ttlSeconds: number;
  /** Lets `removeByGrant` find the item. */
  readonly grantId?: string;
  /** Lets `listByUser` and `removeByUser` find the item. */
  readonly userId?: string;
}

/** An item as it is found by its user. */
export interface ListedItem extends Item {
  readonly key: string;
  readonly expiresAt: Date;
}

export interface EphemeralStore {
  /** Writes or replaces; a replaced item keeps nothing of the old one but its consumed mark. */
  put(at: ItemKey, value: Record<string, unknown>, options: PutOptions): Promise<void>;
  /** True if nothing live was there and the item is now; false otherwise. Atomic over all nodes. */
  putIfAbsent(at: ItemKey, value: Record<string, unknown>, options: PutOptions): Promise<boolean>;
  /** True if something live was there and is replaced now; false otherwise. What was removed meanwhile stays away. */
  replace(at: ItemKey, value: Record<string, unknown>, options: PutOptions): Promise<boolean>;
  /** Undefined when absent or expired. */
  get(at: ItemKey): Promise<Item | undefined>;
  /** True for exactly one of any number of concurrent callers; false when absent, expired or consumed. */
  consume(at: ItemKey): Promise<boolean>;
  /** False if it was not there. */
  remove(at: ItemKey): Promise<boolean>;
  removeByGrant(tenantId: TenantId, grantId: string): Promise<void>;
  /** The living items of one kind that were put for this user, in no order. */
  listByUser(tenantId: TenantId, kind: string, userId: string): Promise<readonly ListedItem[]>;
  /** Every item that was put for this user. */
  removeByUser(tenantId: TenantId, userId: string): Promise<void>;
  /** Everything of the tenant. */
  removeByTenant(tenantId: TenantId): Promise<void>;
  /** True when the engine behind it answers. */
  ping(): Promise<boolean>;
}
