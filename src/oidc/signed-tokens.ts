/** Lets introspection, revocation and UserInfo accept our JWT access tokens (pitfall 3). */
import type { Context, Middleware } from 'koa';
import { newSecret } from '../base/secrets.ts';
import { changeForm } from './request-form.ts';
import { requestState } from './request-state.ts';
import type { VerifiedToken } from './verified-token.ts';

type Verify = (token: string) => Promise<VerifiedToken | undefined>;

const looksLikeJwt = (token: string): boolean => token.split('.').length === 3;

/** Remembers a valid token for this request and returns what stands for it; for any other token, what stands for none. */
async function resolve(verify: Verify, token: string): Promise<string> {
  const verified = await verify(token);
  // Not the jti: the engine leaves that out of an introspection answer where it was what the caller sent.
  const presented = newSecret();
  if (verified) requestState().verified = { ...verified, presented };
  return presented;
}

/** Introspection and revocation: the form value `token` becomes what stands for it. */
export function acceptSignedForm(verify: Verify, paths: readonly string[]): Middleware {
  return async (ctx, next) => {
    if (paths.includes(ctx.path))
      await changeForm(ctx, async (form) => {
        const token = form.get('token');
        if (token !== null && looksLikeJwt(token)) form.set('token', await resolve(verify, token));
      });
    return next();
  };
}

/**
 * UserInfo: the JWT is checked here and stays in its place, as the `ath` of a DPoP proof is the hash of what was
 * presented (RFC 9449 section 4.2). The audience is not looked at (C4).
 */
export function acceptSignedBearer(verify: Verify, path: string): Middleware {
  return async (ctx, next) => {
    const token = ctx.path === path ? await presentedToken(ctx) : undefined;
    if (token !== undefined && looksLikeJwt(token)) {
      const verified = await verify(token);
      if (verified) requestState().verified = { ...withoutAudience(verified), presented: token };
    }
    return next();
  };
}

/** From the header, or from the form field `access_token` (RFC 6750 section 2.2). */
async function presentedToken(ctx: Context): Promise<string | undefined> {
  const [, inHeader] = /^(?:Bearer|DPoP) (\S+)$/i.exec(ctx.get('authorization')) ?? [];
  let inForm: string | undefined;
  await changeForm(ctx, (form) => {
    inForm = form.get('access_token') ?? undefined;
  });
  return inHeader ?? inForm;
}

function withoutAudience(verified: VerifiedToken): VerifiedToken {
  const { aud: _, ...claims } = verified.claims;
  return { ...verified, claims: claims as VerifiedToken['claims'] };
}
