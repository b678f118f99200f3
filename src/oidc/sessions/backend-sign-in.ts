/** The door of the backend family: tokens for a user who has proved a factor to the API, and the sessions behind them. */
import type Koa from 'koa';
import type Provider from 'oidc-provider';
import { AppError, forbidden, invalid } from '../../base/errors.ts';
import type { AppId, ClientId, OrganizationId, TenantId, UserId } from '../../base/ids.ts';
import { hashSecret, newSecret } from '../../base/secrets.ts';
import { signsInOnPagesOnly } from '../../clients/client-group.ts';
import { type Factor, hasMfa, MFA, withFactor } from '../../factors/factor.ts';
import { SecondFactorMissing } from '../../factors/factor-faults.ts';
import type { Sealer } from '../../keys/sealer.ts';
import type { OrganizationMemberStore } from '../../organizations/organization-member-store.ts';
import type { EphemeralStore, ItemKey } from '../../storage/ephemeral-store.ts';
import type { UserStore } from '../../users/user-store.ts';
import type { GrantMemory } from '../grant-memory.ts';
import { settingsOf } from '../policies/client-settings.ts';
import { DEFAULT_RESOURCE } from '../policies/resource-servers.ts';
import { askTokenEndpoint } from '../vouched-request.ts';
import { type PendingSignIn, pendingSignIns } from './pending-sign-in.ts';
import { refusalOf } from './token-refusal.ts';

/** What a sign-in of the backend family asks for (authentication.md 1). */
export interface TokenRequest {
  readonly clientId: ClientId;
  readonly appId: AppId;
  readonly resource?: string;
  /** `{ id_token, userinfo, access_token }`, OpenID Connect Core 5.5. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly organizationId?: OrganizationId;
}

export interface BackendSignIn extends TokenRequest {
  readonly userId: UserId;
  readonly factor: Factor;
  /** Of an earlier sign-in of the same user: the factor is added to it (section 7). */
  readonly sessionId?: string;
}

type FactorProof = Pick<BackendSignIn, 'clientId' | 'appId' | 'userId' | 'factor'>;

/** RFC 6749 5.1 with the session (tokens-and-sessions.md 7). */
export type TokenAnswer = Readonly<Record<string, unknown>>;

export interface BackendSession {
  readonly session_id: string;
  /** Epoch milliseconds. */
  readonly start_time: number;
  readonly expiration_time: number;
}

export interface ProvedSession {
  readonly userId: UserId;
  readonly amr: readonly string[];
  /** Epoch seconds of the last authentication. */
  readonly authTime: number;
}

export interface BackendSignInDoor {
  /**
   * @throws 400 `Session not found` for a session of another user or application, and for what the engine refuses; 403
   * `SecondFactorMissing` where the application asks for two factors and this is the first (section 2)
   */
  signIn(ctx: Koa.Context, request: BackendSignIn): Promise<TokenAnswer>;
  /** A session that nobody has tokens of yet; it is over in minutes where nobody asks for some. @returns its id */
  open(proof: FactorProof): Promise<string>;
  /** @throws 400 `Session not found`; 403 `SecondFactorMissing` as `signIn` */
  authenticate(ctx: Koa.Context, request: TokenRequest & { sessionId: string }): Promise<TokenAnswer>;
  /** An authorization code for the session, at one of the client's redirect URIs. @throws as `authenticate` */
  code(request: TokenRequest & { sessionId: string; redirectUri: string }): Promise<string>;
  /** @throws 400 where the refresh token is not good for this client. */
  refresh(
    ctx: Koa.Context,
    request: { readonly clientId: ClientId; readonly refreshToken: string },
  ): Promise<TokenAnswer>;
  /** Ends the session with its refresh tokens; nothing where it is over already. */
  end(appId: AppId, sessionId: string): Promise<void>;
  /** Who is signed in with it, and how; undefined once it is over. */
  find(appId: AppId, sessionId: string): Promise<ProvedSession | undefined>;
  /** The same, or a first factor that waits for its second: what the next factor is added to. */
  findEarlier(
    request: Pick<TokenRequest, 'clientId' | 'appId'>,
    sessionId: string,
  ): Promise<Pick<ProvedSession, 'userId' | 'amr'> | undefined>;
  list(appId: AppId, userId: UserId): Promise<readonly BackendSession[]>;
  endAll(appId: AppId, userId: UserId): Promise<number>;
  /** Whoever knew the old password goes on with none of them, in any application. Tokens live on as for browser sessions. */
  leaveAll(userId: UserId, exceptSessionId?: string): Promise<void>;
  /** The session that a user's token came from, by the token's `sid`. */
  findByToken(
    sid: string,
  ): Promise<{ userId: UserId; amr: string[]; acr: string; authTime: number } | undefined>;
  /** Ends the session that a user's token came from, by the token's `sid`. */
  endByToken(sid: string, userId: UserId): Promise<boolean>;
}

interface StoredSession {
  readonly appId: AppId;
  readonly userId: UserId;
  readonly amr: readonly string[];
  /** Epoch seconds of the last authentication. */
  readonly authTime: number;
  /** Epoch seconds of the first one. */
  readonly startedAt: number;
  /** The id itself is shown in lists; it is a credential. */
  readonly sealedId: string;
}

interface Parts {
  readonly provider: () => Provider;
  readonly engine: Koa.Middleware;
  readonly ephemeral: EphemeralStore;
  readonly sealer: Sealer;
  readonly organizations: Pick<OrganizationMemberStore, 'mayEnter'>;
  readonly users: Pick<UserStore, 'findMembership'>;
  readonly tenantId: TenantId;
}

const KIND = 'BackendSession';
/** One item per grant, so that two sign-ins of one moment do not lose each other's. */
const GRANT_KIND = 'BackendSessionGrant';
const SESSION_SECONDS = 1_209_600;
const UNUSED_SECONDS = 300;
/** Stands in code and request for the redirect URI that this family does not have. */
const NO_REDIRECT = 'urn:tessera:backend-sign-in';
const CONTEXT = 'backend session';
const NOT_FOUND = 'Session not found';

const acrOf = (amr: readonly string[]): string => (hasMfa(amr) ? MFA : '');
const now = (): number => Math.floor(Date.now() / 1000);

export function backendSignIn(parts: Parts): BackendSignInDoor {
  const { ephemeral, tenantId, sealer } = parts;
  const at = (key: string): ItemKey => ({ tenantId, kind: KIND, key });
  const pending = pendingSignIns({ ephemeral, tenantId });

  const find = async (appId: AppId, sessionId: string): Promise<StoredSession | undefined> => {
    const item = await ephemeral.get(at(hashSecret(sessionId)));
    const session = item?.value as unknown as StoredSession | undefined;
    return session?.appId === appId ? session : undefined;
  };
  const proved = (
    { appId, userId, factor }: FactorProof,
    sessionId: string,
    earlier?: StoredSession | PendingSignIn,
  ): StoredSession => ({
    ...{ appId, userId, authTime: now() },
    startedAt: earlier && 'startedAt' in earlier ? earlier.startedAt : now(),
    amr: withFactor(earlier?.amr ?? [], factor),
    sealedId: sealer.seal(sessionId, CONTEXT),
  });
  /** Where the application asks for two factors, a session of one gives no tokens (section 2). */
  const lacksFactor = async (clientId: ClientId, amr: readonly string[]): Promise<boolean> => {
    if (hasMfa(amr)) return false;
    const client = await parts.provider().Client.find(clientId);
    return client !== undefined && settingsOf(client).requiresMfa;
  };
  const save = (sessionId: string, session: StoredSession): Promise<void> =>
    ephemeral.put(
      at(hashSecret(sessionId)),
      { ...session },
      {
        ttlSeconds: Math.max(1, session.authTime + SESSION_SECONDS - now()),
        userId: session.userId,
      },
    );
  const end = async (key: string, session: StoredSession): Promise<boolean> => {
    const wasThere = await ephemeral.remove(at(key));
    const grants = await ephemeral.listByUser(tenantId, GRANT_KIND, session.userId);
    const own = grants.filter(({ value }) => value.sessionKey === key);
    await Promise.all(own.map(({ value }) => parts.provider().Grant.adapter.destroy(String(value.grantId))));
    await Promise.all(own.map((item) => ephemeral.remove({ ...at(item.key), kind: GRANT_KIND })));
    return wasThere;
  };
  const sessionsOf = async (appId: AppId, userId: UserId) =>
    (await ephemeral.listByUser(tenantId, KIND, userId))
      .map((item) => ({ ...item, session: item.value as unknown as StoredSession }))
      .filter(({ session }) => session.appId === appId)
      .sort((a, b) => a.session.startedAt - b.session.startedAt);

  const assertMember = async ({ organizationId, appId }: TokenRequest, userId: UserId): Promise<void> => {
    if (organizationId === undefined) return;
    if (!(await parts.organizations.mayEnter({ tenantId, organizationId, appId }, userId)))
      throw invalid('The user is not a member of the organization that org_id names');
  };
  /** What the API proves is a way around the policy, which the pages alone run (contract/saml.md 4). */
  const refuseUnderPolicy = async ({ clientId }: TokenRequest): Promise<void> => {
    const client = await parts.provider().Client.find(clientId);
    if (client && signsInOnPagesOnly(settingsOf(client)))
      throw forbidden(
        'The client group of this client has a sign-in policy: send the user to the authorization endpoint',
      );
  };
  const codeFor = async (
    request: TokenRequest,
    sessionId: string,
    session: StoredSession,
    redirectUri: string,
  ): Promise<string> => {
    await refuseUnderPolicy(request);
    await assertMember(request, session.userId);
    const sessionUid = hashSecret(sessionId);
    const made = await issueCode(parts.provider(), request, { ...session, sessionUid, redirectUri });
    await ephemeral.put(
      { ...at(hashSecret(made.grantId)), kind: GRANT_KIND },
      { sessionKey: sessionUid, grantId: made.grantId },
      { ttlSeconds: SESSION_SECONDS, userId: session.userId },
    );
    return made.code;
  };
  /** @throws 400 `Session not found`, also for who was taken out of the application; 403 `SecondFactorMissing` */
  const sufficientSession = async (request: TokenRequest & { sessionId: string }): Promise<StoredSession> => {
    const session = await find(request.appId, request.sessionId);
    const found = session ?? (await pending.find(request, request.sessionId));
    const membership = found && (await parts.users.findMembership(tenantId, found.userId, found.appId));
    if (!found || !membership) throw invalid(NOT_FOUND);
    if (!session || (await lacksFactor(request.clientId, session.amr)))
      throw new SecondFactorMissing(request.sessionId);
    return session;
  };
  const tokens = async (
    ctx: Koa.Context,
    request: TokenRequest,
    sessionId: string,
    session: StoredSession,
  ): Promise<TokenAnswer> => {
    const form = {
      grant_type: 'authorization_code',
      code: await codeFor(request, sessionId, session, NO_REDIRECT),
      redirect_uri: NO_REDIRECT,
      ...(request.resource !== undefined && { resource: request.resource }),
    };
    const answer = await askTokenEndpoint(parts.engine, ctx, { clientId: request.clientId, form });
    if (answer.status !== 200) throw refusalOf(answer);
    await save(sessionId, session);
    return { ...answer.body, session_id: sessionId };
  };

  return {
    async signIn(ctx, request) {
      const { clientId, appId, userId, sessionId: named } = request;
      const live = named === undefined ? undefined : await find(appId, named);
      const waiting = named === undefined || live ? undefined : await pending.find(request, named);
      const earlier = live ?? waiting;
      if (named !== undefined && earlier?.userId !== userId) throw invalid(NOT_FOUND);
      const sessionId = live && named !== undefined ? named : newSecret();
      const session = proved(request, sessionId, earlier);
      const { amr } = session;
      if (await lacksFactor(clientId, amr))
        throw new SecondFactorMissing(named ?? (await pending.open({ appId, clientId, userId, amr })));
      // Two calls of one moment must not both go on from one first factor.
      if (waiting && named !== undefined && !(await pending.use(named))) throw invalid(NOT_FOUND);
      return tokens(ctx, request, sessionId, session);
    },
    async open(proof) {
      const { clientId, appId, userId } = proof;
      const sessionId = newSecret();
      const session = proved(proof, sessionId);
      const { amr } = session;
      if (await lacksFactor(clientId, amr)) return pending.open({ appId, clientId, userId, amr });
      const options = { ttlSeconds: UNUSED_SECONDS, userId };
      await ephemeral.put(at(hashSecret(sessionId)), { ...session }, options);
      return sessionId;
    },
    async authenticate(ctx, request) {
      const session = await sufficientSession(request);
      return tokens(ctx, request, request.sessionId, session);
    },
    async code(request) {
      const { sessionId, redirectUri } = request;
      const session = await sufficientSession(request);
      const code = await codeFor(request, sessionId, session, redirectUri);
      await save(sessionId, session);
      return code;
    },
    async refresh(ctx, { clientId, refreshToken }) {
      const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
      const answer = await askTokenEndpoint(parts.engine, ctx, { clientId, form });
      if (answer.status !== 200) throw refusalOf(answer);
      return answer.body;
    },
    async end(appId, sessionId) {
      const session = await find(appId, sessionId);
      if (session) await end(hashSecret(sessionId), session);
    },
    async find(appId, sessionId) {
      const session = await find(appId, sessionId);
      return session && { userId: session.userId, amr: session.amr, authTime: session.authTime };
    },
    findEarlier: async (request, sessionId) =>
      (await find(request.appId, sessionId)) ?? (await pending.find(request, sessionId)),
    async list(appId, userId) {
      return (await sessionsOf(appId, userId)).map(({ session, expiresAt }) => ({
        session_id: sealer.open(session.sealedId, CONTEXT),
        start_time: session.startedAt * 1000,
        expiration_time: expiresAt.getTime(),
      }));
    },
    async endAll(appId, userId) {
      await pending.removeAll(userId, { appId });
      const found = await sessionsOf(appId, userId);
      const ended = await Promise.all(found.map(({ key, session }) => end(key, session)));
      return ended.filter(Boolean).length;
    },
    async leaveAll(userId, exceptSessionId) {
      await pending.removeAll(userId, { exceptId: exceptSessionId });
      const kept = exceptSessionId === undefined ? undefined : hashSecret(exceptSessionId);
      const items = await ephemeral.listByUser(tenantId, KIND, userId);
      const others = items.filter(({ key }) => key !== kept);
      await Promise.all(others.map(({ key }) => ephemeral.remove(at(key))));
    },
    async findByToken(sid) {
      const item = await ephemeral.get(at(sid));
      if (!item) return undefined;
      const { userId, amr, authTime } = item.value as unknown as StoredSession;
      return { userId, amr: [...amr], acr: acrOf(amr), authTime };
    },
    async endByToken(sid, userId) {
      const item = await ephemeral.get(at(sid));
      const session = item?.value as unknown as StoredSession | undefined;
      return session?.userId === userId ? end(sid, session) : false;
    },
  };
}

/** A code as the authorization endpoint makes it, for a request that has no browser. */
async function issueCode(
  provider: Provider,
  request: TokenRequest,
  session: StoredSession & { readonly sessionUid: string; readonly redirectUri: string },
): Promise<{ code: string; grantId: string }> {
  const client = await provider.Client.find(request.clientId);
  if (!client) throw new AppError(401, 'Invalid token');
  const grant = new provider.Grant({ clientId: request.clientId, accountId: session.userId });
  const { id_token = {}, userinfo = {}, access_token } = (request.claims ?? {}) as Record<string, object>;
  grant.addOIDCScope('openid offline_access');
  grant.addOIDCClaims([...new Set([...Object.keys(id_token), ...Object.keys(userinfo)])]);
  const resource = request.resource ?? DEFAULT_RESOURCE;
  grant.addResourceScope(resource, 'openid offline_access');
  const memory: GrantMemory = {
    authTime: session.authTime,
    amr: session.amr,
    ...(request.claims && { claims: { id_token, userinfo } as NonNullable<GrantMemory['claims']> }),
    ...(access_token && { tokenClaims: access_token as NonNullable<GrantMemory['tokenClaims']> }),
    ...(request.organizationId !== undefined && { organizationId: request.organizationId }),
  };
  Object.assign(grant, { tessera: memory, expiresIn: SESSION_SECONDS * 2 });
  const grantId = await grant.save();
  const code = new provider.AuthorizationCode({
    accountId: session.userId,
    client,
    grantId,
    redirectUri: session.redirectUri,
    scope: 'openid offline_access',
    resource,
    sessionUid: session.sessionUid,
    amr: [...session.amr],
    acr: acrOf(session.amr),
    authTime: session.authTime,
    ...(request.claims && { claims: { id_token, userinfo } }),
  } as unknown as ConstructorParameters<Provider['AuthorizationCode']>[0]);
  return { code: await code.save(), grantId };
}
