/** What the discovery document says beyond what the engine knows (contract/oidc.md 2). */
import type { Middleware } from 'koa';

/** Contract/oidc.md 3.1. */
export const ACR_VALUES = [
  'mfa',
  'phone_number',
  'urn:transmit:google_direct',
  'urn:transmit:apple_direct',
  'urn:transmit:facebook_direct',
  'urn:transmit:line_direct',
  'urn:transmit:centralized',
];

export const DISCOVERY = {
  prompt_values_supported: ['login', 'consent', 'none'],
  require_pushed_authorization_requests: false,
  frontchannel_logout_supported: true,
  frontchannel_logout_session_supported: true,
};

/** Introspection answers are signed, never encrypted; the engine announces both as soon as it can encrypt ID tokens. */
export const trimDiscovery: Middleware = async (ctx, next) => {
  await next();
  if (ctx.path !== '/.well-known/openid-configuration' || typeof ctx.body !== 'object') return;
  const kept = Object.entries(ctx.body ?? {}).filter(
    ([name]) => !name.startsWith('introspection_encryption_'),
  );
  ctx.body = Object.fromEntries(kept);
};
