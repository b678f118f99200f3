/** What the Authentication Hub has proved of a user: shown by a code of its own client, or by the user's token (authentication.md 10). */
import type Koa from 'koa';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { UserCaller } from '../../base/caller.ts';
import type { AppId, TenantId, UserId } from '../../base/ids.ts';
import { hashSecret } from '../../base/secrets.ts';
import { memoryOf } from '../grant-memory.ts';
import type { Hub } from '../policies/central-login.ts';
import { settingsOf } from '../policies/client-settings.ts';
import { wantsHub } from '../prompts/requested-acr.ts';
import type { BackendSignInDoor } from './backend-sign-in.ts';
import { clientInSession } from './client-in-session.ts';

export interface HubSignIn {
  readonly userId: UserId;
  readonly amr: readonly string[];
  /** Epoch seconds. */
  readonly authTime: number;
  /** The hub made the user in this sign-in. */
  readonly isNewUser: boolean;
}

export interface HubSignIns {
  /** The tenant's hub now. */
  find(): Promise<Hub | undefined>;
  /** Uses the code up. Undefined unless it is a good one that the hub's client got for the session of this very browser. */
  byCode(ctx: Koa.Context, code: string): Promise<HubSignIn | undefined>;
  /** Undefined unless the session lives and the token of the hub's client came from it. */
  byToken(caller: UserCaller, sessionId: string): Promise<HubSignIn | undefined>;
  /** True while somebody waits for the hub's answer. */
  isAwaited(interactionUid: string): Promise<boolean>;
}

interface Parts {
  readonly provider: () => Provider;
  readonly backend: Pick<BackendSignInDoor, 'find'>;
  readonly hubs: { findHub(tenantId: TenantId): Promise<Hub | undefined> };
  readonly tenantId: TenantId;
}

interface StoredSession {
  readonly accountId?: string;
  readonly amr?: readonly string[];
  readonly loginTs?: number;
}

export function hubSignIns({ provider, backend, hubs, tenantId }: Parts): HubSignIns {
  const find = () => hubs.findHub(tenantId);
  const isHub = async (appId: string): Promise<boolean> => (await find())?.appId === appId;

  /** A browser session, as its tokens name it. */
  const bySession = async ({ userId }: UserCaller, uid: string): Promise<HubSignIn | undefined> => {
    const session = (await provider().Session.findByUid(uid)) as StoredSession | undefined;
    if (session?.accountId !== userId || session.loginTs === undefined) return undefined;
    return { userId, amr: session.amr ?? [], authTime: session.loginTs, isNewUser: false };
  };
  return {
    find,
    async byCode(ctx, value) {
      const code = await provider().AuthorizationCode.find(value);
      if (!code?.isValid || code.clientId === undefined) return undefined;
      const client = await clientInSession(provider(), code.clientId);
      // A code of an internal client is an answer to a face of ours, and to nobody else.
      if (!client || settingsOf(client).isInternal || !(await isHub(settingsOf(client).appId)))
        return undefined;
      // A code that another browser got would sign this one in as somebody else (login CSRF).
      const session = await provider().Session.get(ctx);
      if (session.uid !== code.sessionUid || session.accountId !== code.accountId) return undefined;
      if (!(await isFirstUse(code))) return undefined;
      const grant = code.grantId === undefined ? undefined : await provider().Grant.find(code.grantId);
      return {
        userId: code.accountId as UserId,
        amr: code.amr ?? [],
        authTime: code.authTime ?? 0,
        isNewUser: memoryOf(grant).isNewUser ?? false,
      };
    },
    async byToken(caller, sessionId) {
      if (!(await isHub(caller.appId))) return undefined;
      if (caller.sessionUid === sessionId) return bySession(caller, sessionId);
      if (caller.sessionUid !== hashSecret(sessionId)) return undefined;
      const session = await backend.find(caller.appId as AppId, sessionId);
      return session?.userId === caller.userId ? { ...session, isNewUser: false } : undefined;
    },
    async isAwaited(uid) {
      const interaction = await provider().Interaction.find(uid);
      return interaction?.prompt.name === 'login' && wantsHub(interaction.params);
    },
  };
}

async function isFirstUse(code: { consume(): Promise<void> }): Promise<boolean> {
  try {
    await code.consume();
    return true;
  } catch (error) {
    if (error instanceof errors.InvalidGrant) return false;
    throw error;
  }
}
