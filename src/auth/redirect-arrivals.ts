/** Who may come in by a code or link of the redirect family: known users, and new ones where both sides want them. */
import { forbidden, invalid, notFound } from '../base/errors.ts';
import type { UserId } from '../base/ids.ts';
import type { Factor } from '../factors/factor.ts';
import type { Database } from '../storage/database.ts';
import type { Admission } from '../users/admission.ts';
import type { ProvedContact } from '../users/proved-contact.ts';
import type { User } from '../users/user.ts';
import { UserStore } from '../users/user-store.ts';
import type { CallingClient } from './calling-client.ts';

/** As it was asked for when the code or link was sent; plain JSON. */
export interface ExpectedArrival {
  readonly contact: ProvedContact;
  readonly mayCreate: boolean;
  /** Absent for somebody who was unknown then. */
  readonly userId?: UserId;
}

type Place = Pick<CallingClient, 'application'>;

export class RedirectArrivals {
  readonly #db: Database;
  readonly #admission: Pick<Admission, 'signedIn' | 'signedInOrUp'>;
  constructor(parts: { db: Database; admission: Pick<Admission, 'signedIn' | 'signedInOrUp'> }) {
    this.#db = parts.db;
    this.#admission = parts.admission;
  }

  /**
   * To be asked before anything is sent; makes nobody.
   * @returns undefined for somebody new. @throws 404 for an unknown user who is not to be created, and for a disabled
   * one; 403 where the application has no public sign-up
   */
  async expect(
    { application }: Place,
    { contact, mayCreate }: Omit<ExpectedArrival, 'userId'>,
  ): Promise<User | undefined> {
    const [owner] = await new UserStore(this.#db).findOwners(application.tenantId, contact);
    if (owner && owner.status !== 'Disabled') return owner;
    if (owner || !mayCreate) throw notFound('User not found');
    assertPublicSignUp(application);
    return undefined;
  }

  /** The contact was proved. @throws 400 where it belongs to somebody else by now, or to a disabled user */
  async admit(
    { application }: Place,
    { contact, mayCreate, userId }: ExpectedArrival,
    factor: Factor,
    ip?: string,
  ): Promise<{ userId: UserId; isNewUser: boolean }> {
    const { tenantId, appId } = application;
    const [owner] = await new UserStore(this.#db).findOwners(tenantId, contact);
    if (userId !== undefined && owner?.userId !== userId)
      throw invalid('This address is not that of the user any more; start again');
    if (!owner) assertMayCreate(application, mayCreate);
    const arrival = { tenantId, appId, factor, ...(ip !== undefined && { ip }) };
    const arrived = await this.#admission.signedInOrUp(arrival, contact);
    if (!arrived) throw invalid('User is not active');
    return { userId: arrived.user.userId, isNewUser: arrived.isNew };
  }
}

function assertPublicSignUp({ settings }: CallingClient['application']): void {
  if (!settings.allow_public_signup) throw forbidden('Public signup is not allowed for this application');
}

function assertMayCreate(application: CallingClient['application'], mayCreate: boolean): void {
  if (!mayCreate) throw invalid('User not found');
  assertPublicSignUp(application);
}
