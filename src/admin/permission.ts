/** Decides whether a token may call a route at all: its kind, then the permissions of its client. */
import type { Caller } from '../base/caller.ts';
import { forbidden } from '../base/errors.ts';
import type { Row } from './route.ts';

/**
 * @throws 403 for the wrong kind of token (contract C1).
 * A client without roles has full access within its reach (management-api.md section 0), and no client has roles yet,
 * so the permissions of the row are not compared with anything here.
 */
export function assertMayCall(row: Pick<Row, 'tokens'>, caller: Caller): void {
  if (!row.tokens.includes(caller.kind)) throw forbidden('This kind of token cannot be used here');
  // What a user allows an outside service does not include their own account (contract C25, R97).
  if (caller.kind === 'user' && caller.isThirdParty)
    throw forbidden('A token of a third-party client cannot be used here');
}
