/** The login pages' door into the engine: what is asked, and how it is answered. */
import type Koa from 'koa';
import type Provider from 'oidc-provider';
import type { Interaction } from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { AppId, ClientId, OrganizationId, SsoGroupId, TenantId, UserId } from '../../base/ids.ts';
import { type Factor, hasMfa, MFA, withFactor } from '../../factors/factor.ts';
import { acrWords } from '../acr-words.ts';
import { askedOrganization } from '../grant-memory.ts';
import { PASSKEY_TYPE } from '../login-type.ts';
import { CENTRALIZED } from '../policies/central-login.ts';
import { settingsOf } from '../policies/client-settings.ts';
import { consentPageUri } from '../policies/consent-page.ts';
import { namedResource } from '../policies/consented-grant.ts';
import { INTERACTION_SECONDS } from '../policies/time-to-live.ts';
import { wantsHub } from '../prompts/requested-acr.ts';
import { clientInSession } from './client-in-session.ts';
import type { HubSignIn } from './hub-sign-in.ts';

export interface InteractionDetails {
  readonly uid: string;
  readonly prompt: string;
  readonly tenantId: TenantId;
  readonly appId: AppId;
  readonly clientId: ClientId;
  /** The client group of the SSO Service, whose policy signs people in. */
  readonly groupId?: SsoGroupId;
  readonly clientName: string;
  readonly appName: string;
  /** Undefined while nobody is signed in. */
  readonly userId?: UserId;
  /** Names that user's session; no credential. */
  readonly sessionUid?: string;
  /** What the session's user has proved so far, in the words of `amr`; empty without a user. */
  readonly amr: readonly string[];
  /** BCP 47 tags in the order of `ui_locales`; empty for none. */
  readonly uiLocales: readonly string[];
  /** Names of the authentication context that the request asks for. */
  readonly acrValues: readonly string[];
  /** The request asks for the Authentication Hub, in `acr_values` or as an essential claim. */
  readonly wantsHub: boolean;
  /** `createNewUser=true`: somebody unknown may become a user, where the application allows it (oidc.md 3.1). */
  readonly createNewUser: boolean;
  /** The request asks to begin with a passkey (`loginType=webauthn-direct`). */
  readonly wantsPasskey: boolean;
  /** When the session's user last proved who they are; undefined without a session. */
  readonly authenticatedAt?: Date;
  readonly organizationId?: OrganizationId;
  readonly loginHint?: string;
  readonly customMessage?: string;
  readonly isThirdParty: boolean;
  readonly scopes: string[];
  /** URI of the resource the request names; empty for none. */
  readonly resource: string;
  /** The page of the first party that asks the user; absent where Tessera's own page does. */
  readonly consentPage?: string;
  /** Seconds for which a consent given now is good. */
  readonly consentValidity: number;
}

export interface InteractionDoor {
  /** Undefined when the interaction is over, expired, or belongs to another browser. */
  details(ctx: Koa.Context): Promise<InteractionDetails | undefined>;
  /**
   * Sends the browser back to the engine (303). Another user's session in this browser ends without a question.
   * `isNewUser`: made by this very sign-in. `rules`: those that the pages went by (`rulesIn`).
   */
  finishLogin(
    ctx: Koa.Context,
    login: { userId: UserId; factors: readonly Factor[]; isNewUser?: boolean; rules: string },
  ): Promise<void>;
  /** Before the way to the Authentication Hub, whose own sign-in may renew or end this browser's session. */
  letGoOfSession(ctx: Koa.Context): Promise<void>;
  /**
   * Goes on with what the Authentication Hub has proved.
   * Refused where the request wants the user to authenticate anew and the hub's sign-in is older than the request.
   */
  finishCentralLogin(ctx: Koa.Context, signIn: HubSignIn): Promise<void>;
  /** Ends this browser's session, and lets the interaction go on without it: before all sessions of a user are ended. */
  leaveSession(ctx: Koa.Context): Promise<void>;
  /** Adds a factor to what the session's user has proved. @throws where it proves nothing new */
  finishSecondFactor(ctx: Koa.Context, factor: Factor): Promise<void>;
  /** Ends this browser's session, and asks from the beginning who it is. */
  signInAgain(ctx: Koa.Context): Promise<void>;
  finishConsent(ctx: Koa.Context): Promise<void>;
  /** Goes on, with a passkey or without: whoever is signed in stays so. */
  finishPasskeyOffer(ctx: Koa.Context): Promise<void>;
  /** True for the first answer to an interaction on all nodes, false for every later one. */
  claimAnswer(uid: string): Promise<boolean>;
  /** Ends the request with an OAuth error at the redirect URI. */
  refuse(ctx: Koa.Context, error: string, description: string): Promise<void>;
}

/** `acr` has what was met besides. */
const loginResult = (accountId: string, amr: string[], acr: readonly string[] = []) => ({
  accountId,
  amr,
  acr: [...acr.filter((word) => word !== MFA), ...(hasMfa(amr) ? [MFA] : [])].join(' '),
});

/** The rules that the sign-in pages went by; none for what did not end there. */
export const ranRules = (result: object | undefined): string =>
  (result as { sign_in?: { rules: string } } | undefined)?.sign_in?.rules ?? '';

/** Why a sign-in was asked for although there may be a session. */
const NOT_ANEW = 'The Authentication Hub did not authenticate the user again';
const ANEW = ['login_prompt', 'max_age', 'session_expiration'];

/** Ends the session that the interaction began with, and frees the interaction from it. */
async function leaveSession(provider: Provider, ctx: Koa.Context): Promise<void> {
  const interaction = await provider.interactionDetails(ctx.req, ctx.res);
  const { session } = interaction;
  if (session?.accountId === undefined) return;
  const found = await provider.Session.get(ctx);
  if (found.accountId === session.accountId) await found.destroy();
  await freeFromSession(interaction);
}

async function freeFromSession(interaction: Interaction): Promise<void> {
  const loose = interaction as { session?: object };
  delete loose.session;
  await interaction.save(Math.max(1, interaction.exp - Math.floor(Date.now() / 1000)));
}

/** The engine would stop at a question of its own where the browser has the session of somebody else. */
async function leaveForeignSession(provider: Provider, ctx: Koa.Context, userId: UserId): Promise<void> {
  const { session } = await provider.interactionDetails(ctx.req, ctx.res);
  if (session?.accountId !== userId) await leaveSession(provider, ctx);
}

/** Goes on in the session that the browser has now, which ends where it is somebody else's. */
async function joinSession(provider: Provider, ctx: Koa.Context, userId: UserId): Promise<void> {
  const found = await provider.Session.get(ctx);
  if (found.accountId !== undefined && found.accountId !== userId) await found.destroy();
}

/** Undefined where the session is over, or belongs to another user by now. */
async function lastAuthentication(
  provider: Provider,
  { uid, accountId }: { readonly uid?: string; readonly accountId?: string },
): Promise<Date | undefined> {
  const found = uid === undefined ? undefined : await provider.Session.findByUid(uid);
  const seconds = found?.accountId === accountId ? found?.loginTs : undefined;
  return seconds === undefined ? undefined : new Date(seconds * 1000);
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export function interactionDoor(parts: { provider: () => Provider; tenantId: TenantId }): InteractionDoor {
  const finish = async (
    ctx: Koa.Context,
    result: Parameters<Provider['interactionResult']>[2],
    merge = true,
  ): Promise<void> => {
    const returnTo = await parts
      .provider()
      .interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: merge });
    ctx.status = 303;
    ctx.redirect(returnTo);
  };
  return {
    async details(ctx) {
      try {
        const { uid, prompt, params, session } = await parts.provider().interactionDetails(ctx.req, ctx.res);
        const client = await clientInSession(parts.provider(), String(params.client_id));
        if (!client) return undefined;
        const settings = settingsOf(client);
        const [loginHint, customMessage] = [text(params.login_hint), text(params.custom_message)];
        const consentPage = consentPageUri(settings, params.consent_uri);
        const organizationId = askedOrganization(params);
        const authenticatedAt = session && (await lastAuthentication(parts.provider(), session));
        const words = (value: unknown): string[] => (text(value) ?? '').split(' ').filter(Boolean);
        return {
          uid,
          prompt: prompt.name,
          tenantId: parts.tenantId,
          appId: settings.appId as AppId,
          clientId: client.clientId as ClientId,
          clientName: client.clientName ?? client.clientId,
          appName: settings.appName,
          isThirdParty: settings.isThirdParty,
          resource: namedResource(params.resource),
          consentValidity: settings.consentValidity,
          scopes: words(params.scope),
          amr: (session as { amr?: string[] } | undefined)?.amr ?? [],
          uiLocales: words(params.ui_locales),
          acrValues: words(params.acr_values),
          wantsHub: wantsHub(params),
          createNewUser: params.createNewUser === 'true',
          wantsPasskey: params.loginType === PASSKEY_TYPE,
          ...(loginHint !== undefined && loginHint !== 'undefined' && { loginHint }),
          ...(customMessage !== undefined && { customMessage }),
          ...(session?.accountId !== undefined && { userId: session.accountId as UserId }),
          ...(session?.accountId !== undefined && session.uid !== undefined && { sessionUid: session.uid }),
          ...(authenticatedAt && { authenticatedAt }),
          ...(settings.group && { groupId: settings.group.groupId }),
          ...(consentPage !== undefined && { consentPage }),
          ...(organizationId !== undefined && { organizationId }),
        };
      } catch (error) {
        if (error instanceof errors.SessionNotFound) return undefined;
        throw error;
      }
    },
    async finishLogin(ctx, { userId, factors, isNewUser = false, rules }) {
      await leaveForeignSession(parts.provider(), ctx, userId);
      const amr = factors.reduce<string[]>(withFactor, []);
      await finish(
        ctx,
        {
          login: loginResult(userId, amr),
          sign_in: { rules },
          ...(isNewUser && { sign_up: { is_new_user: true } }),
        },
        false,
      );
    },
    async letGoOfSession(ctx) {
      await freeFromSession(await parts.provider().interactionDetails(ctx.req, ctx.res));
    },
    async finishCentralLogin(ctx, { userId, amr, authTime, isNewUser }) {
      const { prompt, exp } = await parts.provider().interactionDetails(ctx.req, ctx.res);
      const isOld = authTime < exp - INTERACTION_SECONDS;
      if (isOld && prompt.reasons.some((reason) => ANEW.includes(reason)))
        return finish(ctx, { error: 'access_denied', error_description: NOT_ANEW }, false);
      await joinSession(parts.provider(), ctx, userId);
      const login = { ...loginResult(userId, [...amr], [CENTRALIZED]), ts: authTime };
      await finish(ctx, { login, ...(isNewUser && { sign_up: { is_new_user: true } }) }, false);
    },
    leaveSession: (ctx) => leaveSession(parts.provider(), ctx),
    async finishSecondFactor(ctx, factor) {
      const { session } = await parts.provider().interactionDetails(ctx.req, ctx.res);
      const amr = withFactor((session as { amr?: string[] } | undefined)?.amr ?? [], factor);
      if (session?.accountId === undefined || !hasMfa(amr))
        throw new Error('a second factor must differ from the first one');
      const acr = acrWords((session as { acr?: string }).acr);
      await finish(ctx, { second_factor: { factor }, login: loginResult(session.accountId, amr, acr) });
    },
    async signInAgain(ctx) {
      await leaveSession(parts.provider(), ctx);
      await finish(ctx, {}, false);
    },
    finishConsent: (ctx) => finish(ctx, { consent: {} }),
    finishPasskeyOffer: (ctx) => finish(ctx, { passkey_offer: { isAnswered: true } }),
    async claimAnswer(uid) {
      try {
        await parts.provider().Interaction.adapter.consume(uid);
        return true;
      } catch (error) {
        if (error instanceof errors.InvalidGrant) return false;
        throw error;
      }
    },
    refuse: (ctx, error, description) => finish(ctx, { error, error_description: description }, false),
  };
}
