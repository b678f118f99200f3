/** Decides which requests are answered by the tenant's Authentication Hub (contract/oidc.md 3.5, authentication.md 10). */
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { AppId } from '../../base/ids.ts';
import { acrWords } from '../acr-words.ts';
import { settingsOf } from './client-settings.ts';

export const CENTRALIZED = 'urn:transmit:centralized';

/** The application that signs people in for the others. */
export interface Hub {
  readonly appId: AppId;
  readonly loginUri: string;
}
export type FindHub = () => Promise<Hub | undefined>;

/** @throws InvalidRequest where the request asks for the hub and the tenant has none: another page would not be what was asked for. */
export const assertHub =
  (findHub: FindHub) =>
  async (_ctx: KoaContextWithOIDC, acrValues: string | undefined): Promise<void> => {
    if (acrWords(acrValues).includes(CENTRALIZED) && !(await findHub()))
      throw new errors.InvalidRequest(`acr_values asks for ${CENTRALIZED}, but no application is the hub`);
  };

/** A client group signs people in by its own policy (contract/saml.md 4). The hub's own clients sign people in on the hosted page, whatever they ask for: it would wait for itself. */
export async function isAnsweredByHub(
  findHub: FindHub,
  client: Client | undefined,
  wanted: readonly string[],
): Promise<boolean> {
  if (!client || !wanted.includes(CENTRALIZED) || settingsOf(client).group) return false;
  const hub = await findHub();
  return hub !== undefined && hub.appId !== settingsOf(client).appId;
}
