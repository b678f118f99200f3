/** The end of every second factor: noted like a sign-in, and added to what the session has proved. */
import { type Factor, hasShownCredential } from '../factors/factor.ts';
import type { Admission } from '../users/admission.ts';
import type { ProvedContact } from '../users/proved-contact.ts';
import type { Outcome } from './step.ts';
import type { Visit } from './visit.ts';

/** A user who is gone or disabled meanwhile is asked from the beginning. */
export async function proveFactor(
  { admission }: { readonly admission: Pick<Admission, 'signedIn'> },
  { details, ctx }: Visit,
  factor: Factor,
  contact?: ProvedContact,
): Promise<Outcome> {
  const { tenantId, appId, userId, sessionUid } = details;
  const arrival = {
    tenantId,
    appId,
    factor,
    ip: ctx.ip,
    isContinued: hasShownCredential(details.amr),
    sessionUid,
  };
  const user = userId && (await admission.signedIn(arrival, userId, contact));
  return user ? { proved: factor } : { signInAgain: true };
}
