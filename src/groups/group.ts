/** A group: a named set of users of the tenant, which can have roles and data of its own. */
import type { GroupId, TenantId, UserId } from '../base/ids.ts';

/** What a caller may set. */
export interface GroupInput {
  readonly name: string;
  readonly description: string;
  /** The application's own; at most MAX_CUSTOM_DATA bytes of JSON. */
  readonly customData: Readonly<Record<string, unknown>>;
}

export interface Group extends GroupInput {
  readonly tenantId: TenantId;
  readonly groupId: GroupId;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface GroupUser {
  readonly userId: UserId;
  readonly addedAt: Date;
}

/** Bytes (contract/tokens-and-sessions.md, requesting claims: each stored object is at most 100 KB). */
const MAX_CUSTOM_DATA = 100 * 1024;

/** One sentence where the object is too large to keep. */
export const customDataProblem = (customData: object): string | undefined =>
  Buffer.byteLength(JSON.stringify(customData)) > MAX_CUSTOM_DATA
    ? `custom_data is larger than ${MAX_CUSTOM_DATA} bytes`
    : undefined;
