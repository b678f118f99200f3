/** The login pages' door into the engine: what is asked, and how it is answered. */
import type Koa from 'koa';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { AppId, ClientId, TenantId, UserId } from '../../base/ids.ts';
import { settingsOf } from '../policies/client-settings.ts';

export interface InteractionDetails {
  readonly uid: string;
  readonly prompt: string;
  readonly tenantId: TenantId;
  readonly appId: AppId;
  readonly clientId: ClientId;
  readonly clientName: string;
  readonly loginHint?: string;
  readonly customMessage?: string;
  readonly isThirdParty: boolean;
  readonly scopes: string[];
}

export interface InteractionDoor {
  /** Undefined when the interaction is over, expired, or belongs to another browser. */
  details(ctx: Koa.Context): Promise<InteractionDetails | undefined>;
  /** Sends the browser back to the engine (303). */
  finishLogin(ctx: Koa.Context, login: { userId: UserId; amr: string[] }): Promise<void>;
  finishConsent(ctx: Koa.Context): Promise<void>;
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
        const { uid, prompt, params } = await parts.provider().interactionDetails(ctx.req, ctx.res);
        const client = await parts.provider().Client.find(String(params.client_id));
        if (!client) return undefined;
        const settings = settingsOf(client);
        const [loginHint, customMessage] = [text(params.login_hint), text(params.custom_message)];
        return {
          uid,
          prompt: prompt.name,
          tenantId: parts.tenantId,
          appId: settings.appId as AppId,
          clientId: client.clientId as ClientId,
          clientName: client.clientName ?? client.clientId,
          isThirdParty: settings.isThirdParty,
          scopes: (text(params.scope) ?? '').split(' ').filter(Boolean),
          ...(loginHint !== undefined && loginHint !== 'undefined' && { loginHint }),
          ...(customMessage !== undefined && { customMessage }),
        };
      } catch (error) {
        if (error instanceof errors.SessionNotFound) return undefined;
        throw error;
      }
    },
    finishLogin: (ctx, { userId, amr }) => finish(ctx, { login: { accountId: userId, amr, acr: '' } }, false),
    finishConsent: (ctx) => finish(ctx, { consent: {} }),
    refuse: (ctx, error, description) => finish(ctx, { error, error_description: description }, false),
  };
}
