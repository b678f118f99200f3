/** Puts an authorization request into the form the engine expects (contract/oidc.md 3.1), before it is checked. */
import type { Middleware } from 'koa';
import { changeForm } from './request-form.ts';

const PATHS = ['/auth', '/request'];
/** `state` and `redirect_uri` say where an unusable `request_uri` is reported; a usable one overrules them. */
const BESIDE_REQUEST_URI = ['client_id', 'request_uri', 'state', 'redirect_uri'];

export function normalizeAuthorizationRequest(): Middleware {
  return async (ctx, next) => {
    if (!PATHS.includes(ctx.path)) return next();
    if (ctx.method === 'GET') {
      const query = new URLSearchParams(ctx.querystring);
      normalize(query);
      ctx.querystring = query.toString();
    } else await changeForm(ctx, normalize);
    return next();
  };
}

function normalize(parameters: URLSearchParams): void {
  // RFC 9126 section 4 and RFC 9101 section 5: what comes beside a request_uri does not count.
  if (parameters.has('request_uri')) {
    for (const name of [...new Set(parameters.keys())])
      if (!BESIDE_REQUEST_URI.includes(name) && !name.startsWith('client_')) parameters.delete(name);
    if (!parameters.has('response_type')) parameters.set('response_type', 'code');
    return;
  }
  // The contract's default; an empty value counts as absent everywhere in the engine.
  if ((parameters.get('response_type') ?? '') === '') parameters.set('response_type', 'code');
}
