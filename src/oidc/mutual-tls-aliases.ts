/** Announces where clients with a certificate find the endpoints: `mtls_endpoint_aliases` (RFC 8705 section 5). */
import type { Middleware } from 'koa';

const ALIASED = [
  'token_endpoint',
  'revocation_endpoint',
  'introspection_endpoint',
  'pushed_authorization_request_endpoint',
  'userinfo_endpoint',
  'device_authorization_endpoint',
  'backchannel_authentication_endpoint',
];

/** The endpoints that discovery names, at the other origin: same paths, same server. */
export function announceAliases(origin: URL | undefined): Middleware {
  return async (ctx, next) => {
    await next();
    if (!origin || ctx.path !== '/.well-known/openid-configuration') return;
    const announced = ctx.body as Record<string, unknown>;
    const aliases = ALIASED.filter((name) => typeof announced[name] === 'string').map((name) => [
      name,
      new URL(new URL(String(announced[name])).pathname, origin).href,
    ]);
    ctx.body = { ...announced, mtls_endpoint_aliases: Object.fromEntries(aliases) };
  };
}
