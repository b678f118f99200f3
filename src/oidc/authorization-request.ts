/** Puts an authorization request into the form the engine expects (contract/oidc.md 3.1), before it is checked. */
import { decodeJwt } from 'jose';
import type { Context, Middleware } from 'koa';
import { readLoginType } from './login-type.ts';
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
    } else
      await changeForm(ctx, (form) => {
        normalize(form);
        const clientId = form.has('client_id') ? undefined : namedInCredentials(ctx, form);
        if (clientId !== undefined) form.set('client_id', clientId);
      });
    return next();
  };
}

function normalize(parameters: URLSearchParams): void {
  // RFC 9126 section 4 and RFC 9101 section 5: what comes beside a request_uri does not count.
  if (isGiven(parameters, 'request_uri')) {
    for (const name of [...new Set(parameters.keys())])
      if (!BESIDE_REQUEST_URI.includes(name) && !name.startsWith('client_')) parameters.delete(name);
  }
  readLoginType(parameters);
  // The contract's default. Beside a request_uri it is what an error is reported by, until the pushed one is read.
  if (!isGiven(parameters, 'response_type')) parameters.set('response_type', 'code');
}

/** An empty value counts as absent everywhere in the engine. */
const isGiven = (parameters: URLSearchParams, name: string): boolean => (parameters.get(name) ?? '') !== '';

/** The credentials name the client already; the engine checks them, and that both names are the same. */
function namedInCredentials(ctx: Context, form: URLSearchParams): string | undefined {
  try {
    const assertion = form.get('client_assertion');
    if (assertion !== null) return decodeJwt(assertion).sub;
    const [, pair] = /^Basic (\S+)$/i.exec(ctx.get('authorization')) ?? [];
    const [id] = Buffer.from(pair ?? '', 'base64')
      .toString('utf8')
      .split(':');
    return id ? decodeURIComponent(id) : undefined;
  } catch {
    return undefined;
  }
}
