/** Decides what a signed-in user has granted: everything asked for to a first-party client, the consented to a third. */
import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import { rememberRequest } from '../grant-memory.ts';
import { settingsOf } from './client-settings.ts';

/** A grant of its own for each authorization, so that ending one chain of tokens leaves the others alone. */
export async function grantFor(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { client, session, provider, params } = ctx.oidc;
  if (!client || !session?.accountId) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  rememberRequest(grant, ctx);
  const consented = ctx.oidc.result?.consent !== undefined;
  if (ctx.oidc.promptPending('login') || (settingsOf(client).isThirdParty && !consented)) return grant;
  const scope = String(params?.scope ?? '');
  grant.addOIDCScope([...ctx.oidc.requestParamOIDCScopes].join(' '));
  grant.addOIDCClaims([...ctx.oidc.requestParamClaims]);
  for (const indicator of Object.keys(ctx.oidc.resourceServers ?? {}))
    grant.addResourceScope(indicator, scope);
  await grant.save();
  return grant;
}
