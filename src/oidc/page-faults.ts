/** Decides which words of texts/engine-fault-texts.ts a refusal gets on a page; its English sentence has no say. */
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { EngineFault } from '../texts/engine-fault-texts.ts';

/** For a path below the mount point that the engine does not serve. */
export class UnservedEndpoint extends errors.InvalidRequest {}

const BY_CODE: Readonly<Record<string, EngineFault>> = {
  invalid_client: 'unknownClient',
  invalid_redirect_uri: 'redirectUri',
  invalid_request_uri: 'requestUri',
  request_not_supported: 'unsupported',
  request_uri_not_supported: 'unsupported',
  registration_not_supported: 'unsupported',
  unsupported_response_type: 'unsupported',
  unsupported_response_mode: 'unsupported',
  unauthorized_client: 'notAllowed',
  invalid_scope: 'notAllowed',
  invalid_target: 'notAllowed',
  access_denied: 'denied',
};

/** What the engine did not refuse itself is a fault of ours. */
export function pageFault(ctx: Pick<KoaContextWithOIDC, 'oidc'>, error: Error): EngineFault {
  if (error instanceof errors.SessionNotFound) return 'expired';
  if (error instanceof errors.TemporarilyUnavailable) return 'busy';
  if (error instanceof UnservedEndpoint) return 'unserved';
  if (!(error instanceof errors.OIDCProviderError) || error.statusCode >= 500) return 'broken';
  const found = Object.hasOwn(BY_CODE, error.error) ? BY_CODE[error.error] : undefined;
  // A request that could not be read as far as that has no route.
  const { route } = (ctx.oidc ?? {}) as { route?: string };
  return found ?? (route?.startsWith('end_session') === true ? 'signOut' : 'malformed');
}
