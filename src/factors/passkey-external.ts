/** Passkeys that an application's backend registers for a user whom it knows by its own id (contract/authentication.md 8). */
import { ApplicationStore } from '../applications/application-store.ts';
import type { ClientCaller } from '../base/caller.ts';
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import { TextCodeError } from '../base/text-code-error.ts';
import type { Database } from '../storage/database.ts';
import { assertSoleApplication } from '../users/sole-application.ts';
import type { UserService } from '../users/user-service.ts';
import { UserStore } from '../users/user-store.ts';
import { invalidRequest } from './factor-faults.ts';
import type { RegistrationAnswer } from './passkey-answer.ts';
import type { PasskeyHint } from './passkey-hint.ts';
import type { PasskeyPlaces } from './passkey-places.ts';
import type { NewPasskey, PasskeyRegistration } from './passkey-registration.ts';
import type { CeremonyPlace } from './passkey-session.ts';

export interface ExternalUser {
  readonly externalUserId: string;
  readonly email?: string | undefined;
  readonly phoneNumber?: string | undefined;
}

export type RegisteredExternally = NewPasskey & { readonly isUserCreated: boolean };

interface Parts {
  readonly db: Database;
  readonly users: Pick<UserService, 'create'>;
  readonly places: PasskeyPlaces;
  readonly registration: PasskeyRegistration;
}

const kindOf = (identifier: string): 'email' | 'phoneNumber' | 'username' => {
  if (identifier.includes('@')) return 'email';
  return identifier.startsWith('+') ? 'phoneNumber' : 'username';
};

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
  ): Promise<RegisteredExternally> {
    const place = await this.#parts.places.ofApplication(caller.tenantId, caller.clientId);
    return this.registerAt(place, answer, { caller, external });
  }

  /** The same for a ceremony that has taken place somewhere else. */
  async registerAt(
    place: CeremonyPlace,
    answer: RegistrationAnswer,
    who: { caller: ClientCaller; external: ExternalUser },
  ): Promise<RegisteredExternally> {
    const known = await this.#find(who.caller, 'externalUserId', who.external.externalUserId);
    return this.#register(place, answer, { ...who, known });
  }

  /** Before a ceremony begins. @throws as `register` */
  async assertMayRegister(caller: ClientCaller, external: ExternalUser): Promise<void> {
    const known = await this.#find(caller, 'externalUserId', external.externalUserId);
    if (known === undefined) await this.#assertMayCreate(caller, external);
  }

  /** The user of a hint: only a member of its application, or somebody new, never another user of the tenant. */
  findHinted(tenantId: TenantId, hint: PasskeyHint): Promise<UserId | undefined> {
    const { externalUserId, identifier } = hint;
    const of = { tenantId, appId: hint.appId };
    return externalUserId === undefined
      ? this.#find(of, kindOf(identifier), identifier)
      : this.#find(of, 'externalUserId', externalUserId);
  }

  /** Before a hint for the hosted pages is given out. @throws 403 for a user of other applications */
  async assertMayHint(
    { tenantId, appId, clientId }: ClientCaller,
    wish: Pick<PasskeyHint, 'identifier' | 'redirectUri'> & { readonly externalUserId?: string | undefined },
  ): Promise<void> {
    const { identifier, redirectUri, externalUserId } = wish;
    const hint = {
      clientId,
      appId,
      identifier,
      redirectUri,
      ...(externalUserId !== undefined && { externalUserId }),
    };
    await this.#assertSole(hint.appId, tenantId, await this.findHinted(tenantId, hint));
  }

  /** The same on the hosted page, whose hint the application's backend has made. @throws as `register`; 403 for a user of other applications */
  async registerHinted(
    tenantId: TenantId,
    hint: PasskeyHint,
    answer: RegistrationAnswer,
  ): Promise<RegisteredExternally> {
    const { clientId, appId, identifier, externalUserId } = hint;
    const place = await this.#parts.places.ofHostedPages(tenantId, clientId);
    const known = await this.findHinted(tenantId, hint);
    if (known === undefined && externalUserId === undefined)
      throw invalidRequest('The application has no user with this identifier');
    // Again: the user may have joined another application since.
    await this.#assertSole(appId, tenantId, known);
    const kind = kindOf(identifier);
    const external = {
      externalUserId: externalUserId ?? '',
      ...(kind !== 'username' && { [kind]: identifier }),
    };
    const caller = { kind: 'client', tenantId, clientId, appId } as const;
    return this.#register(place, answer, { caller, external, known });
  }

  async #register(
    place: CeremonyPlace,
    answer: RegistrationAnswer,
    who: { caller: ClientCaller; external: ExternalUser; known: UserId | undefined },
  ): Promise<RegisteredExternally> {
    const { registration } = this.#parts;
    const { caller, external, known } = who;
    // Before the ceremony: its answer is good once only.
    if (known === undefined) await this.#assertMayCreate(caller, external);
    const checked = await registration.check(place, answer);
    const userId = known ?? (await this.#create(caller, external));
    const isUserCreated = known === undefined;
    return { ...(await registration.keep(place, checked, userId)), isUserCreated };
  }

  /** On the hosted pages a passkey is good in every application. */
  async #assertSole(appId: AppId, tenantId: TenantId, known: UserId | undefined): Promise<void> {
    if (known !== undefined)
      await assertSoleApplication(this.#parts.db, { kind: 'client', tenantId, appId }, known);
  }

  async #find(
    { tenantId, appId }: Pick<ClientCaller, 'tenantId' | 'appId'>,
    kind: 'externalUserId' | ReturnType<typeof kindOf>,
    value: string,
  ): Promise<UserId | undefined> {
    const users = new UserStore(this.#parts.db);
    return (await users.findMember({ tenantId, appId }, kind, value))?.user.userId;
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
