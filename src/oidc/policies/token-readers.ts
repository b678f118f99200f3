/** Decides who may ask about a token (C8) and who may revoke it (contract/oidc.md 10). */
import {
  type AccessToken,
  type Client,
  type ClientCredentials,
  errors,
  type KoaContextWithOIDC,
  type RefreshToken,
} from 'oidc-provider';
import { settingsOf } from './client-settings.ts';

type Token = AccessToken | ClientCredentials | RefreshToken;

/** Confidential first-party clients ask about any token of their tenant, the others about their own. */
export async function mayIntrospect(
  _ctx: KoaContextWithOIDC,
  client: Client,
  token: Token,
): Promise<boolean> {
  if (token.clientId === client.clientId) return true;
  return client.clientAuthMethod !== 'none' && !settingsOf(client).isThirdParty;
}

/** @throws InvalidRequest for a token of another client. */
export async function mayRevoke(_ctx: KoaContextWithOIDC, client: Client, token: Token): Promise<boolean> {
  if (token.clientId !== client.clientId)
    throw new errors.InvalidRequest('this token was issued to another client');
  // Revoking an access token ends that token, not the grant behind it (C9).
  if (token.kind === 'AccessToken') delete (token as { grantId?: string }).grantId;
  return true;
}
