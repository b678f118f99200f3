/** What the selected claims say about this user at this client now; a claim without a value is left out. */
import type { Group } from '../../groups/group.ts';
import { effectivePermissions, type HeldRole } from '../../roles/role.ts';
import { passkeyClaims } from '../../users/passkey-claims.ts';
import type { Passkey } from '../../users/passkey-store.ts';
import type { Membership, User } from '../../users/user.ts';
import { userClaims } from '../../users/user-claims.ts';
import type { ClaimRequest } from './claim-selection.ts';

export interface ClaimFacts {
  readonly user: User;
  readonly membership: Membership | undefined;
  readonly roles: readonly HeldRole[];
  readonly groups: readonly Pick<Group, 'name' | 'customData'>[];
  readonly passkeys: readonly Passkey[];
  readonly appId: string;
  readonly appName: string;
  /** The user was made by the sign-in that this is about. */
  readonly isNewUser?: boolean;
  /** The organization for which the user signed in. */
  readonly organization?: string | undefined;
  /** Epoch seconds; the engine adds it to ID tokens itself. */
  readonly authTime?: number | undefined;
  /** The object that the authorization request carried under `claims.id_token.approval_data`. */
  readonly approvalData?: ClaimRequest | undefined;
}

/** Claims that need the user's membership in the application, the user's roles there, the user's groups, or passkeys. */
export const MEMBERSHIP_CLAIMS = ['username', 'preferred_username', 'external_account_id', 'custom_app_data'];
export const ROLE_CLAIMS = ['roles', 'role_values', 'permissions'];
export const GROUP_CLAIMS = ['groups', 'custom_group_data'];
export const PASSKEY_CLAIMS = ['webauthn', 'webauthn_username'];

/** Every claim that has a value here. */
const allClaims = (facts: ClaimFacts): Record<string, unknown> => ({
  ...userClaims(facts.user, undefined, facts.membership),
  ...passkeyClaims(facts.passkeys, facts.appId),
  app_name: facts.appName,
  new_user: facts.isNewUser ?? false,
  roles: facts.roles.map((role) => role.roleId),
  role_values: facts.roles.map((role) => role.name),
  permissions: effectivePermissions(facts.roles),
  groups: facts.groups.length === 0 ? undefined : facts.groups.map((group) => group.name),
  custom_group_data: Object.fromEntries(
    facts.groups
      .filter(({ customData }) => Object.keys(customData).length > 0)
      .map(({ name, customData }) => [name, customData]),
  ),
  organization: facts.organization,
  auth_time: facts.authTime,
  approval_data: facts.approvalData,
});

/** The values of the selected claims, `{ fields }` applied. */
export function claimValues(
  facts: ClaimFacts,
  selection: ReadonlyMap<string, ClaimRequest>,
): Record<string, unknown> {
  const all = new Map(Object.entries(allClaims(facts)));
  const values = [...selection].map(([name, request]) => [name, narrowed(all.get(name), request?.fields)]);
  return Object.fromEntries(values.filter(([, value]) => hasValue(value)));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function narrowed(value: unknown, fields: unknown): unknown {
  if (!Array.isArray(fields) || !isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => fields.includes(name)));
}

const hasValue = (value: unknown): boolean =>
  value !== undefined && value !== null && !(isObject(value) && Object.keys(value).length === 0);
