/** The login pages' door into the engine: what is asked, and how it is answered. */
import type Koa from 'koa';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { AppId, ClientId, TenantId, UserId } from '../../base/ids.ts';
import { settingsOf } from '../policies/client-settings.ts';
import { consentPageUri } from '../policies/consent-page.ts';
import { namedResource } from '../policies/consented-grant.ts';

export interface InteractionDetails {
  readonly uid: string;
  readonly prompt: string;
  readonly tenantId: TenantId;
  readonly appId: AppId;
  readonly clientId: ClientId;
  readonly clientName: string;
  readonly appName: string;
  /** Undefined while nobody is signed in. */
  readonly userId?: UserId;
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
  /** Sends the browser back to the engine (303). */
  finishLogin(ctx: Koa.Context, login: { userId: UserId; amr: string[] }): Promise<void>;
  finishConsent(ctx: Koa.Context): Promise<void>;
  /** True for the first answer to an interaction on all nodes, false for every later one. */
  claimAnswer(uid: string): Promise<boolean>;
  /** Ends the request with an OAuth error at the redirect URI. */
  refuse(ctx: Koa.Context, error: string, description: string): Promise<void>;
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
        const client = await parts.provider().Client.find(String(params.client_id));
        if (!client) return undefined;
        const settings = settingsOf(client);
        const [loginHint, customMessage] = [text(params.login_hint), text(params.custom_message)];
        const consentPage = consentPageUri(settings, params.consent_uri);
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
          scopes: (text(params.scope) ?? '').split(' ').filter(Boolean),
          ...(loginHint !== undefined && loginHint !== 'undefined' && { loginHint }),
          ...(customMessage !== undefined && { customMessage }),
          ...(session?.accountId !== undefined && { userId: session.accountId as UserId }),
          ...(consentPage !== undefined && { consentPage }),
        };
      } catch (error) {
        if (error instanceof errors.SessionNotFound) return undefined;
        throw error;
      }
    },
    finishLogin: (ctx, { userId, amr }) => finish(ctx, { login: { accountId: userId, amr, acr: '' } }, false),
    finishConsent: (ctx) => finish(ctx, { consent: {} }),
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
