/** Signs a user out of the browser or backend session that their access token came from (contract/oidc.md 11, D16). */
import type { AuditLog } from '../audit/audit-log.ts';
import type { UserCaller } from '../base/caller.ts';
import type { BackendSignInDoor } from '../oidc/sessions/backend-sign-in.ts';
import type { SessionControl } from '../oidc/sessions/session-control.ts';
import type { Database } from '../storage/database.ts';

interface Parts {
  readonly sessions: Pick<SessionControl, 'end'>;
  readonly backend: Pick<BackendSignInDoor, 'endByToken'>;
  readonly audit: AuditLog;
  readonly db: Database;
}

interface LoggedOut {
  readonly result: { readonly sessions_count: number };
  readonly sessions_count: number;
}

/** Counts 0 where the session is over already. */
export async function logout(
  { sessions, backend, audit, db }: Parts,
  caller: UserCaller,
): Promise<LoggedOut> {
  const { sessionUid, userId, tenantId, clientId } = caller;
  const ended =
    sessionUid !== undefined &&
    ((await sessions.end(sessionUid, userId)) || (await backend.endByToken(sessionUid, userId)));
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
