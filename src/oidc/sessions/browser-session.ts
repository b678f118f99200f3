/** The door that tells who is signed in to the browser of a request, for pages of our own. */
import type Koa from 'koa';
import type Provider from 'oidc-provider';
import type { TenantId, UserId } from '../../base/ids.ts';
import type { UserStore } from '../../users/user-store.ts';
import { WITHOUT_GROUP } from '../policies/session-kind.ts';
import { markOfSession } from '../session-memory.ts';

export interface BrowserSession {
  readonly userId: UserId;
  /** Names the session; no credential. */
  readonly uid: string;
  readonly amr: readonly string[];
  /** Epoch seconds of the last authentication. */
  readonly authTime: number;
}

export type SessionOf = (ctx: Koa.Context) => Promise<BrowserSession | undefined>;

interface Parts {
  readonly provider: () => Provider;
  readonly users: Pick<UserStore, 'find'>;
  readonly tenantId: TenantId;
  /** `shared`: what was proved to a client group alone does not count (policies/session-kind.ts). */
  readonly kind: 'shared' | 'any';
}

/** Undefined where nobody is signed in, or the user was disabled or deleted since. */
export const browserSession =
  ({ provider, users, tenantId, kind }: Parts): SessionOf =>
  async (ctx) => {
    const session = await provider().Session.get(ctx);
    const { accountId, uid, amr = [] } = session as typeof session & { amr?: string[] };
    const authTime = session.authTime();
    if (accountId === undefined || authTime === undefined) return undefined;
    if (kind === 'shared' && !isShared(session)) return undefined;
    const user = await users.find(tenantId, accountId as UserId);
    if (!user || user.status === 'Disabled') return undefined;
    return { userId: user.userId, uid, amr, authTime };
  };

function isShared(session: object): boolean {
  const mark = markOfSession(WITHOUT_GROUP, session);
  return mark !== undefined && mark.endsAt > Math.floor(Date.now() / 1000);
}
