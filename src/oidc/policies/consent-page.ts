/** Decides which page of the first party asks the user (R90 to R92, C11): none means Tessera's own. */
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { EngineSettings } from '../adapter/client-model.ts';
import { settingsOf } from './client-settings.ts';

/** The entry that the request names, else the first one. */
export const consentPageUri = (
  { consentUris }: Pick<EngineSettings, 'consentUris'>,
  named: unknown,
): string | undefined => consentUris.find((uri) => uri === named) ?? consentUris[0];

/** @throws InvalidRequest for a `consent_uri` that is not, character by character, an entry of the client's list. */
export function assertRegisteredConsentUri(
  _ctx: KoaContextWithOIDC,
  named: string | undefined,
  client: Client,
): void {
  const { isThirdParty, consentUris } = settingsOf(client);
  if (isThirdParty && named !== undefined && !consentUris.includes(named))
    throw new errors.InvalidRequest('consent_uri must be one of the consent URIs of this client');
}
