/** Lets introspection, revocation and UserInfo accept our JWT access tokens (pitfall 3). */
import type { Context, Middleware } from 'koa';
import { errors } from 'oidc-provider';
import { newSecret } from '../base/secrets.ts';
import { requestState } from './request-state.ts';
import type { VerifiedToken } from './verified-token.ts';

type Verify = (token: string) => Promise<VerifiedToken | undefined>;

const LIMIT_BYTES = 56 * 1024;
const looksLikeJwt = (token: string): boolean => token.split('.').length === 3;

/** Remembers a valid token for this request and returns the id that stands for it. */
async function resolve(verify: Verify, token: string): Promise<string> {
  const verified = await verify(token);
  // An id that nobody has: the engine then answers as for any unknown token.
  if (!verified) return newSecret();
  requestState().verified = verified;
  return verified.claims.jti;
}

/** Counts what arrives: a chunked body does not say beforehand how long it is. */
async function readForm(ctx: Context): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of ctx.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMIT_BYTES) {
      // What is left of the body is not read; the connection cannot be used again.
      ctx.set('Connection', 'close');
      throw new errors.InvalidRequest('the form is larger than 56 kB');
    }
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

/** Introspection and revocation: the form value `token` becomes the token's id. */
export function acceptSignedForm(verify: Verify, paths: readonly string[]): Middleware {
  return async (ctx, next) => {
    if (ctx.method !== 'POST' || !paths.includes(ctx.path) || !ctx.is('application/x-www-form-urlencoded'))
      return next();
    const form = await readForm(ctx);
    const token = form.get('token');
    if (token !== null && looksLikeJwt(token)) form.set('token', await resolve(verify, token));
    const names = [...new Set(form.keys())];
    (ctx.req as typeof ctx.req & { body: unknown }).body = Object.fromEntries(
      names.map((name) => [name, form.getAll(name).length > 1 ? form.getAll(name) : form.get(name)]),
    );
    return next();
  };
}

/** UserInfo: a bearer JWT in the header becomes its id. The audience is not looked at (C4). */
export function acceptSignedBearer(verify: Verify, path: string): Middleware {
  return async (ctx, next) => {
    const [scheme, token, ...rest] = (ctx.get('authorization') ?? '').split(' ');
    if (
      ctx.path === path &&
      scheme?.toLowerCase() === 'bearer' &&
      token &&
      rest.length === 0 &&
      looksLikeJwt(token)
    ) {
      ctx.req.headers.authorization = `Bearer ${await resolve(verify, token)}`;
      const { verified } = requestState();
      if (verified) {
        const { aud: _, ...claims } = verified.claims;
        requestState().verified = { ...verified, claims: claims as VerifiedToken['claims'] };
      }
    }
    return next();
  };
}
