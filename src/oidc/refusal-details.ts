/** Tells a developer what to change where the engine only says that a grant or a client's authentication is not good. */

import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';

/** One sentence for both, so that nobody learns from it which client IDs exist. */
const SECRET_OR_ID = ['client not found', 'invalid secret provided'];
// RFC 6749 section 5.2: error_description has no quotation marks, backslashes, or characters beyond ASCII.
const NOT_ALLOWED = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;

/** Answers of these endpoints then carry the reason as `error_description` (contract D14). */
export function explainRefusals(provider: Provider): void {
  const listener = (ctx: KoaContextWithOIDC, error: { error_detail?: unknown }): void =>
    explain(ctx.body, error.error_detail);
  provider.on('grant.error', listener);
  provider.on('introspection.error', listener);
  provider.on('revocation.error', listener);
  provider.on('pushed_authorization_request.error', listener);
}

function explain(body: unknown, detail: unknown): void {
  if (typeof body !== 'object' || body === null || typeof detail !== 'string') return;
  const answer = body as { error?: string; error_description?: string };
  if (!['invalid_grant', 'invalid_client'].includes(String(answer.error))) return;
  const reason = SECRET_OR_ID.includes(detail) ? 'unknown client, or wrong secret' : detail;
  answer.error_description = reason.replace(NOT_ALLOWED, "'");
}
