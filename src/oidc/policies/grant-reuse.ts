/** Decides what a signed-in user has granted: everything asked for to a first-party client, the consented to a third. */
import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import { newId } from '../../base/secrets.ts';
import { rememberRequest } from '../grant-memory.ts';
import { settingsOf } from './client-settings.ts';
import { type ConsentParts, fillFromConsent } from './consented-grant.ts';
import { assertMayEnter, type OrganizationParts } from './organization-sign-in.ts';

/** A grant of its own for each authorization, so that ending one chain of tokens leaves the others alone. */
export async function grantFor(
  parts: ConsentParts & OrganizationParts,
  ctx: KoaContextWithOIDC,
): Promise<Grant | undefined> {
  const { client, session, provider, params } = ctx.oidc;
  if (!client || !session?.accountId) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  rememberRequest(grant, ctx);
  // Without an account the login prompt follows; nothing is granted yet.
  if (ctx.oidc.promptPending('login') || !ctx.oidc.account) return grant;
  await assertMayEnter(parts, ctx);
  if (settingsOf(client).isThirdParty) {
    await fillFromConsent(parts, ctx, grant);
    return grant;
  }
  const scope = String(params?.scope ?? '');
  grant.addOIDCScope([...ctx.oidc.requestParamOIDCScopes].join(' '));
  grant.addOIDCClaims([...ctx.oidc.requestParamClaims]);
  for (const indicator of Object.keys(ctx.oidc.resourceServers ?? {}))
    grant.addResourceScope(indicator, scope);
  // What our own faces ask for is an answer, not a grant: a code for them opens nothing else (login-handoff.ts).
  if (settingsOf(client).isInternal) return Object.assign(grant, { jti: newId<string>() });
  await grant.save();
  return grant;
}
