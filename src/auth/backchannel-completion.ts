/** The page that a CIBA message led to tells how the user decided (contract/oidc.md 14). */
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../base/caller.ts';
import { forbidden } from '../base/errors.ts';
import { validate } from '../http/validate.ts';
import type { BackchannelAnswer } from '../oidc/sessions/backchannel-answer.ts';
import type { Database } from '../storage/database.ts';
import { backchannelCompletion } from './backchannel-schema.ts';

export interface CompletionParts {
  readonly answer: BackchannelAnswer;
  readonly audit: AuditLog;
  readonly db: Database;
}

/** @throws 400, 403 for a token that is not a user's own, 404, 409 */
export async function completeBackchannel(
  { answer, audit, db }: CompletionParts,
  caller: Caller,
  body: unknown,
): Promise<void> {
  if (caller.kind !== 'user') throw forbidden('This kind of token cannot be used here');
  // An outside service must not say yes for a user who only signed in there (R97).
  if (caller.isThirdParty) throw forbidden('A token of a third-party client cannot be used here');
  const { auth_req_id: id, approved } = validate(backchannelCompletion, body);
  await answer.give(caller, id, approved);
  await audit.record(db, {
    tenantId: caller.tenantId,
    type: approved ? 'user.request_approved' : 'user.request_declined',
    actor: { kind: 'user', id: caller.userId },
    subject: caller.userId,
    details: { client_id: caller.clientId },
  });
}
