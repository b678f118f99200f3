/** Signs a user out of the browser session that their access token came from (contract/oidc.md 11, D16). */
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../base/caller.ts';
import { forbidden } from '../base/errors.ts';
import type { SessionControl } from '../oidc/sessions/session-control.ts';
import type { Database } from '../storage/database.ts';

interface Parts {
  readonly sessions: Pick<SessionControl, 'end'>;
  readonly audit: AuditLog;
  readonly db: Database;
}

interface LoggedOut {
  readonly result: { readonly sessions_count: number };
  readonly sessions_count: number;
}

/** Counts 0 where the session is over already. @throws 403 for a token that is not a user's. */
export async function logout({ sessions, audit, db }: Parts, caller: Caller): Promise<LoggedOut> {
  if (caller.kind !== 'user') throw forbidden('This kind of token cannot be used here');
  // Signing the user out everywhere is not among what a user allows an outside service (C25, R97).
  if (caller.isThirdParty) throw forbidden('A token of a third-party client cannot be used here');
  const { sessionUid, userId, tenantId, clientId } = caller;
  const ended = sessionUid !== undefined && (await sessions.end(sessionUid, userId));
  if (ended)
    await audit.record(db, {
      tenantId,
      type: 'user.signed_out',
      actor: { kind: 'user', id: userId },
      subject: userId,
      details: { client_id: clientId },
    });
  const sessions_count = ended ? 1 : 0;
  return { result: { sessions_count }, sessions_count };
}
