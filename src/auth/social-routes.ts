/** Rows of signing in with another provider: there is none in this version, and the caller is told so (contract/authentication.md 9). */
import { invalid } from '../base/errors.ts';
import type { Row } from '../http/route.ts';
import { EXECUTE } from './sign-in-schema.ts';
import { toWordFault } from './text-fault.ts';

const REDIRECT = ['google', 'apple', 'facebook', 'line'] as const;
const BACKEND = ['google', 'facebook', 'apple', 'tiktok'] as const;
const STEPS = ['start', 'authenticate', 'verify'] as const;

const client = { tokens: ['client'], permissions: EXECUTE } as const;

const refusal = (provider: string) => async () => {
  throw invalid(`Sign-in with ${provider} is not part of this version; use another way to sign in`);
};

/** The reference leaves them out: there is nothing to describe until there is a provider. */
export const socialRoutes = (): Row[] => [
  ...REDIRECT.map(
    (provider): Row => ({
      ...client,
      method: 'get',
      path: `/v1/auth/${provider}`,
      status: 302,
      handle: refusal(provider),
    }),
  ),
  ...BACKEND.flatMap((provider) =>
    STEPS.map(
      (step): Row => ({
        ...client,
        method: 'post',
        path: `/v1/auth/social/${provider}/${step}`,
        status: 200,
        toFault: toWordFault,
        handle: refusal(provider),
      }),
    ),
  ),
];
