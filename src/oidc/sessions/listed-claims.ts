/** What the claims on a SAML client's list say of a user now: the same values that ID tokens have. */
import type { TenantId } from '../../base/ids.ts';
import type { SamlClient } from '../../clients/client.ts';
import type { GroupStore } from '../../groups/group-store.ts';
import type { RoleStore } from '../../roles/role-store.ts';
import type { PasskeyStore } from '../../users/passkey-store.ts';
import type { User } from '../../users/user.ts';
import type { UserStore } from '../../users/user-store.ts';
import {
  claimValues,
  GROUP_CLAIMS,
  MEMBERSHIP_CLAIMS,
  PASSKEY_CLAIMS,
  ROLE_CLAIMS,
} from '../policies/claim-values.ts';

interface Parts {
  readonly tenantId: TenantId;
  readonly users: Pick<UserStore, 'findMembership'>;
  readonly groups: Pick<GroupStore, 'ofUser'>;
  readonly roles: Pick<RoleStore, 'ofUser'>;
  readonly passkeys: Pick<PasskeyStore, 'list'>;
}

/** A claim without a value is left out. `authTime` in epoch seconds. */
export type ListedClaims = (
  client: SamlClient,
  user: User,
  signIn: { readonly authTime: number },
) => Promise<Record<string, unknown>>;

export const listedClaims =
  ({ tenantId, users, groups, roles, passkeys }: Parts): ListedClaims =>
  async ({ appId, appName, settings }, user, { authTime }) => {
    const selection = new Map(settings.default_custom_claims.map((claim) => [claim, null]));
    const tells = (names: readonly string[]): boolean =>
      settings.default_custom_claims.some((claim) => names.includes(claim));
    return claimValues(
      {
        user,
        membership: tells(MEMBERSHIP_CLAIMS)
          ? await users.findMembership(tenantId, user.userId, appId)
          : undefined,
        roles: tells(ROLE_CLAIMS) ? await roles.ofUser(tenantId, appId, user.userId) : [],
        groups: tells(GROUP_CLAIMS) ? await groups.ofUser(tenantId, user.userId) : [],
        passkeys: tells(PASSKEY_CLAIMS) ? await passkeys.list(tenantId, user.userId) : [],
        appId,
        appName,
        authTime,
      },
      selection,
    );
  };
