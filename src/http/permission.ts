/** Decides whether a token may call a route at all: its kind, then the permissions of its client. */
import type { Caller } from '../base/caller.ts';
import { forbidden } from '../base/errors.ts';
import type { Row } from './route.ts';

/**
 * Users and administrators are not checked further, nor is a client without roles (contract D15).
 * `[appId]` in a permission stands for the application that the path names, else for the token's own.
 * @throws 403 for the wrong kind of token (C1), or naming the permissions of which one is needed.
 */
export function assertMayCall(
  row: Pick<Row, 'tokens' | 'permissions'>,
  caller: Caller,
  path: { readonly appId?: string },
): void {
  if (!row.tokens.includes(caller.kind)) throw forbidden('This kind of token cannot be used here');
  // What a user allows an outside service does not include their own account (contract C25, R97).
  if (caller.kind === 'user' && caller.isThirdParty)
    throw forbidden('A token of a third-party client cannot be used here');
  if (caller.kind !== 'client' || caller.permissions === undefined) return;
  const enough = row.permissions.map((permission) =>
    permission.replace('[appId]', () => path.appId ?? caller.appId),
  );
  if (!enough.some((permission) => caller.permissions?.has(permission)))
    throw forbidden(`The roles of this client permit none of: ${enough.join(', ')}`);
}
