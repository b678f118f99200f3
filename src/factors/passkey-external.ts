/** Passkeys that an application's backend registers for a user whom it knows by its own id (contract/authentication.md 8). */
import { ApplicationStore } from '../applications/application-store.ts';
import type { ClientCaller } from '../base/caller.ts';
import type { UserId } from '../base/ids.ts';
import { TextCodeError } from '../base/text-code-error.ts';
import type { Database } from '../storage/database.ts';
import type { Passkey } from '../users/passkey-store.ts';
import type { UserService } from '../users/user-service.ts';
import { UserStore } from '../users/user-store.ts';
import { invalidRequest } from './factor-faults.ts';
import type { RegistrationAnswer } from './passkey-answer.ts';
import type { PasskeyPlaces } from './passkey-places.ts';
import type { PasskeyRegistration } from './passkey-registration.ts';

export interface ExternalUser {
  readonly externalUserId: string;
  readonly email?: string | undefined;
  readonly phoneNumber?: string | undefined;
}

interface Parts {
  readonly db: Database;
  readonly users: Pick<UserService, 'create'>;
  readonly places: PasskeyPlaces;
  readonly registration: PasskeyRegistration;
}

export class ExternalPasskeys {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Creates the user where the application has none with this id.
   * @throws 400 for an answer that is not good or a new user without contact data, 403 where nobody may sign up, 409 for taken contact data
   */
  async register(
    caller: ClientCaller,
    answer: RegistrationAnswer,
    external: ExternalUser,
  ): Promise<Pick<Passkey, 'credentialId' | 'userId'>> {
    const { places, registration } = this.#parts;
    const place = await places.ofApplication(caller.tenantId, caller.clientId);
    const known = await this.#find(caller, external);
    // Before the ceremony: its answer is good once only.
    if (known === undefined) await this.#assertMayCreate(caller, external);
    const checked = await registration.check(place, answer);
    return registration.keep(place, checked, known ?? (await this.#create(caller, external)));
  }

  async #find(
    { tenantId, appId }: ClientCaller,
    { externalUserId }: ExternalUser,
  ): Promise<UserId | undefined> {
    const users = new UserStore(this.#parts.db);
    return (await users.findMember({ tenantId, appId }, 'externalUserId', externalUserId))?.user.userId;
  }

  async #assertMayCreate(
    { tenantId, appId }: ClientCaller,
    { email, phoneNumber }: ExternalUser,
  ): Promise<void> {
    const application = await new ApplicationStore(this.#parts.db).find(tenantId, appId);
    if (application?.settings.allow_public_signup !== true)
      throw new TextCodeError(
        403,
        'public_signup_not_allowed',
        'No user has this external_user_id, and public signup is not allowed for this application',
      );
    if (email === undefined && phoneNumber === undefined)
      throw invalidRequest(
        'No user has this external_user_id; give an email or a phone_number for a new one',
      );
  }

  async #create(caller: ClientCaller, { externalUserId, email, phoneNumber }: ExternalUser): Promise<UserId> {
    const { user } = await this.#parts.users.create(caller, {
      values: {
        externalUserId,
        ...(email !== undefined && { email: email.toLowerCase() }),
        ...(phoneNumber !== undefined && { phoneNumber }),
      },
      membership: {},
    });
    return user.userId;
  }
}
