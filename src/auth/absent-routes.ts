/** Rows of ways to sign in whose published operations this version does not have: the caller is told so (contract/authentication.md 9). */
import { invalid } from '../base/errors.ts';
import type { Row } from '../http/route.ts';
import { EXECUTE } from './sign-in-schema.ts';
import { toWordFault } from './text-fault.ts';

type Line = readonly [method: 'post' | 'delete', path: string, token: 'client' | 'user'];

const LINES: readonly Line[] = [
  ['post', '/v1/auth/mobile-biometrics/authenticate', 'client'],
  ['post', '/v1/auth/mobile-biometrics/register', 'user'],
  ['delete', '/v1/auth/mobile-biometrics/delete', 'user'],
  ['post', '/v1/auth/totp/transaction/start', 'client'],
  ['post', '/v1/auth/totp/transaction/authenticate', 'client'],
];

/** The reference leaves them out, as it does the social ones. */
export const absentRoutes = (): Row[] =>
  LINES.map(([method, path, token]) => ({
    ...{ method, path, status: 200, toFault: toWordFault },
    tokens: [token],
    permissions: token === 'client' ? EXECUTE : [],
    async handle() {
      throw invalid(
        `${path} is not part of this version; use a passkey, which is bound to the device, or another way`,
      );
    },
  }));
