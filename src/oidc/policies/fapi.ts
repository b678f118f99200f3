/** What the FAPI 2.0 Security Profile asks of a client that has the flag (contract/oidc.md 7). */
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { SigningAlg } from '../../storage/tables.ts';
import type { EngineSettings } from '../adapter/client-model.ts';
import { settingsOf } from './client-settings.ts';

/** FAPI 2.0 Security Profile 5.4.1: these and no others; RS256 is not among them. */
const ALGORITHMS = ['PS256', 'ES256', 'EdDSA'];

export const fapiProfile = (_ctx: KoaContextWithOIDC, client: Client | undefined): '2.0' | undefined =>
  client && settingsOf(client).isFapi ? '2.0' : undefined;

/** RS256, the default of a resource, becomes PS256: the same keys with the padding that FAPI wants. */
export const accessTokenAlg = (settings: Pick<EngineSettings, 'isFapi'>, alg: SigningAlg): SigningAlg =>
  settings.isFapi && alg === 'RS256' ? 'PS256' : alg;

/** FAPI 2.0 Security Profile 5.3.2.1: the audience of an assertion is the issuer as a text, its algorithm a listed one. */
export function checkFapiAssertion(
  ctx: KoaContextWithOIDC,
  claims: Record<string, unknown>,
  header: Record<string, unknown>,
  client: Client,
): void {
  if (!settingsOf(client).isFapi) return;
  if (claims.aud !== ctx.oidc.issuer)
    throw new errors.InvalidClientAuth('aud of a FAPI client assertion must be the issuer and nothing else');
  if (!ALGORITHMS.includes(String(header.alg)))
    throw new errors.InvalidClientAuth(`alg of a FAPI client assertion must be ${ALGORITHMS.join(', ')}`);
}
