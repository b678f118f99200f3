/** Looks up the user behind a `sub`, and what is told of that user; a disabled or deleted one does not exist for the engine. */
import type { Account, KoaContextWithOIDC } from 'oidc-provider';
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import type { GroupStore } from '../groups/group-store.ts';
import type { PasskeyStore } from '../users/passkey-store.ts';
import type { User } from '../users/user.ts';
import type { UserStore } from '../users/user-store.ts';
import { memoryOf } from './grant-memory.ts';
import { type ClaimQuestion, type ClaimRequest, selectClaims } from './policies/claim-selection.ts';
import {
  claimValues,
  GROUP_CLAIMS,
  MEMBERSHIP_CLAIMS,
  PASSKEY_CLAIMS,
  ROLE_CLAIMS,
} from './policies/claim-values.ts';
import { settingsOf } from './policies/client-settings.ts';
import { requestState } from './request-state.ts';
import type { RolesOfUser } from './user-roles.ts';

export interface AccountParts {
  readonly users: Pick<UserStore, 'find' | 'findMembership'>;
  readonly groups: Pick<GroupStore, 'ofUser'>;
  readonly passkeys: Pick<PasskeyStore, 'list'>;
  readonly tenantId: TenantId;
  readonly rolesOf: RolesOfUser;
}

type Requested = Readonly<Record<string, ClaimRequest>>;

export async function findAccount(
  parts: AccountParts,
  ctx: KoaContextWithOIDC,
  sub: string,
): Promise<Account | undefined> {
  const user = requestState().users.get(sub) ?? (await parts.users.find(parts.tenantId, sub as UserId));
  if (!user || user.status === 'Disabled') return undefined;
  const account: Account & { user: User } = {
    accountId: user.userId,
    user,
    claims: async (use, scope, requested) => ({
      ...(await claimsAbout(parts, ctx, user, {
        use: use === 'userinfo' ? 'userinfo' : 'id_token',
        scopes: scope.split(' '),
        requested: requested as Requested,
      })),
      sub: user.userId,
    }),
  };
  return account;
}

/** What the user's access token says on request (contract/tokens-and-sessions.md 3, "backend also `access_token`"). */
export async function requestedTokenClaims(
  parts: AccountParts,
  ctx: KoaContextWithOIDC,
): Promise<Record<string, unknown>> {
  const { tokenClaims: requested } = memoryOf(ctx.oidc.entities.Grant);
  const user = userOf(ctx.oidc.entities.Account);
  if (!requested || !user) return {};
  const scopes = [...ctx.oidc.requestParamScopes];
  return claimsAbout(parts, ctx, user, { use: 'access_token', scopes, requested });
}

/** The user behind an account that `findAccount` made. */
export const userOf = (account: Account | undefined): User | undefined =>
  (account as { user?: User } | undefined)?.user;

async function claimsAbout(
  { users, groups, passkeys, tenantId, rolesOf }: AccountParts,
  ctx: KoaContextWithOIDC,
  user: User,
  asked: { use: ClaimQuestion['use']; scopes: string[]; requested: Requested },
): Promise<Record<string, unknown>> {
  const { client } = ctx.oidc;
  if (!client) return {};
  const settings = settingsOf(client);
  const memory = memoryOf(ctx.oidc.entities.Grant);
  // The access token at UserInfo says nothing of the request it came from; its grant does.
  const requested =
    asked.use === 'userinfo' ? ((memory.claims?.userinfo ?? {}) as Requested) : asked.requested;
  const selection = selectClaims({ ...asked, requested, settings });
  const tells = (names: readonly string[]) => names.some((name) => selection.has(name));
  const values = claimValues(
    {
      user,
      membership: tells(MEMBERSHIP_CLAIMS)
        ? await users.findMembership(user.tenantId, user.userId, settings.appId as AppId)
        : undefined,
      roles: tells(ROLE_CLAIMS) ? await rolesOf(settings.appId, user.userId, memory.organizationId) : [],
      groups: tells(GROUP_CLAIMS) ? await groups.ofUser(user.tenantId, user.userId) : [],
      passkeys: tells(PASSKEY_CLAIMS) ? await passkeys.list(user.tenantId, user.userId) : [],
      appId: settings.appId,
      appName: settings.appName,
      organization: memory.organizationId,
      authTime: memory.authTime,
      isNewUser: memory.isNewUser ?? false,
      approvalData: (asked.requested.approval_data ?? memory.claims?.id_token?.approval_data) as ClaimRequest,
    },
    selection,
  );
  if (asked.use !== 'id_token') return values;
  const { organizationId } = memory;
  return { ...values, tid: tenantId, ...(organizationId !== undefined && { organization: organizationId }) };
}
