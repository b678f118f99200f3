/** The rows of users and of their memberships in applications. */
import { type Selectable, sql } from 'kysely';
import { isHouse } from '../base/house.ts';
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { UserApplicationsTable, UserStatus, UsersTable } from '../storage/tables.ts';
import type { IdentifierKind, Member, Membership, Reach, User, UserProfile } from './user.ts';

/** What a write may set; an absent member stays. */
export interface UserValues {
  readonly email?: string;
  readonly phoneNumber?: string;
  readonly externalUserId?: string;
  readonly status?: UserStatus;
  readonly profile?: UserProfile;
  readonly passwordHash?: string;
  /** Set with the hash: the user has to choose another at the next sign-in. */
  readonly passwordMustChange?: boolean;
  readonly emailVerifiedAt?: Date;
  readonly phoneNumberVerifiedAt?: Date;
}
export interface MembershipValues {
  readonly username?: string;
  readonly externalAccountId?: string;
  readonly customAppData?: Readonly<Record<string, unknown>>;
}
/** What people sign in with. */
export type SignInIdentifier = Extract<IdentifierKind, 'email' | 'phoneNumber' | 'username'>;
/** A user whose sign-in is being checked. */
export interface Candidate {
  readonly user: User;
  readonly passwordHash: string | undefined;
}

const given = <K extends string, T>(name: K, value: T | null): { [key in K]?: T } =>
  (value === null ? {} : { [name]: value }) as { [key in K]?: T };

const toUser = (row: Selectable<UsersTable>): User => ({
  tenantId: row.tenant_id,
  userId: row.user_id,
  status: row.status,
  ...given('email', row.email),
  ...given('emailVerifiedAt', row.email_verified_at),
  ...given('phoneNumber', row.phone_number),
  ...given('phoneNumberVerifiedAt', row.phone_number_verified_at),
  ...given('externalUserId', row.external_user_id),
  profile: row.profile as UserProfile,
  hasPassword: row.password_hash !== null,
  passwordMustChange: row.password_must_change,
  ...given('passwordUpdatedAt', row.password_updated_at),
  ...given('lastAuth', row.last_auth),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  ...given('statusChangedAt', row.status_changed_at),
});

const toMembership = (row: Selectable<UserApplicationsTable>): Membership => ({
  appId: row.app_id,
  ...given('username', row.username),
  ...given('externalAccountId', row.external_account_id),
  customAppData: row.custom_app_data,
});

const defined = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const toColumns = (values: UserValues): Record<string, unknown> =>
  defined({
    email: values.email,
    phone_number: values.phoneNumber,
    external_user_id: values.externalUserId,
    status: values.status,
    profile: values.profile === undefined ? undefined : JSON.stringify(values.profile),
    password_hash: values.passwordHash,
    password_must_change: values.passwordMustChange,
    email_verified_at: values.emailVerifiedAt,
    phone_number_verified_at: values.phoneNumberVerifiedAt,
    password_updated_at: values.passwordHash === undefined ? undefined : new Date(),
  });

const toMembershipColumns = (values: MembershipValues): Record<string, unknown> =>
  defined({
    username: values.username,
    external_account_id: values.externalAccountId,
    custom_app_data: values.customAppData === undefined ? undefined : JSON.stringify(values.customAppData),
  });

export class UserStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  #users(reach: Reach) {
    const { tenantId, appId } = reach;
    const query = this.#db.selectFrom('users').selectAll('users').where('users.tenant_id', '=', tenantId);
    if (appId === undefined) return query;
    return query.where(
      sql<boolean>`exists (select 1 from user_applications m where m.user_id = users.user_id and m.app_id = ${appId})`,
    );
  }

  async find(tenantId: TenantId, userId: UserId): Promise<User | undefined> {
    const row = await this.#users({ tenantId }).where('users.user_id', '=', userId).executeTakeFirst();
    return row && toUser(row);
  }

  /** Held until the transaction ends, so that two writers see each other's work. False if it is not there. */
  async lock(tenantId: TenantId, userId: UserId): Promise<boolean> {
    const rows = await this.#users({ tenantId }).where('users.user_id', '=', userId).forUpdate().execute();
    return rows.length > 0;
  }

  async findMembership(tenantId: TenantId, userId: UserId, appId?: AppId): Promise<Membership | undefined> {
    const query = this.#db
      .selectFrom('user_applications')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId);
    const narrowed = appId === undefined ? query : query.where('app_id', '=', appId);
    const row = await narrowed.orderBy('created_at').orderBy('app_id').limit(1).executeTakeFirst();
    return row && toMembership(row);
  }

  /** Whether the user belongs to another application that people use. */
  async isMemberElsewhere(tenantId: TenantId, userId: UserId, appId: AppId): Promise<boolean> {
    const row = await this.#db
      .selectFrom('user_applications as m')
      .innerJoin('applications as a', 'a.app_id', 'm.app_id')
      .select('m.app_id')
      .where('m.tenant_id', '=', tenantId)
      .where('m.user_id', '=', userId)
      .where('m.app_id', '<>', appId)
      .where('a.kind', '=', 'end_user')
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** The one user with this identifier; a username that several applications know is nobody's for the tenant. */
  async findMember(reach: Reach, kind: IdentifierKind, value: string): Promise<Member | undefined> {
    const rows = await this.#users(reach)
      .where(this.#matches(reach, kind, value))
      .limit(2)
      .execute();
    const [row] = rows;
    if (row === undefined || rows.length > 1) return undefined;
    const membership = await this.findMembership(reach.tenantId, row.user_id, reach.appId);
    return { user: toUser(row), ...(membership && { membership }) };
  }

  #matches({ tenantId, appId }: Reach, kind: IdentifierKind, value: string) {
    if (kind === 'email') return sql<boolean>`users.email = ${value.toLowerCase()}`;
    if (kind === 'phoneNumber') return sql<boolean>`users.phone_number = ${value}`;
    if (kind === 'externalUserId') return sql<boolean>`users.external_user_id = ${value}`;
    // Nobody comes from another identity provider yet.
    if (kind === 'idpIdentifier') return sql<boolean>`false`;
    if (kind === 'userId') return sql<boolean>`users.user_id = ${value}`;
    // At the house a username is good that belongs to one user only, in whatever application.
    if (isHouse(appId))
      return sql<boolean>`users.user_id = (select min(m.user_id) from user_applications m
        where m.tenant_id = ${tenantId} and lower(m.username) = lower(${value}) having count(distinct m.user_id) = 1)`;
    const inApp = appId === undefined ? sql`` : sql`and m.app_id = ${appId}`;
    return sql<boolean>`users.user_id in
      (select m.user_id from user_applications m
        where m.tenant_id = ${tenantId} and lower(m.username) = lower(${value}) ${inApp})`;
  }

  /**
   * Who may be meant by what was typed at the sign-in: email, then phone, then username of the application, or some of
   * them only. Asks for all of them whoever is found: the time tells nothing.
   */
  async findCandidate(
    reach: Required<Reach>,
    identifier: string,
    only?: SignInIdentifier | readonly SignInIdentifier[],
  ): Promise<Candidate | undefined> {
    const kinds = (['email', 'phoneNumber', 'username'] as const).filter(
      (kind) => only === undefined || [only].flat().includes(kind),
    );
    const rows = await Promise.all(
      kinds.map((one) =>
        this.#users({ tenantId: reach.tenantId })
          .where(this.#matches(reach, one, identifier))
          .executeTakeFirst(),
      ),
    );
    const row = rows.find((one) => one !== undefined);
    return row && { user: toUser(row), passwordHash: row.password_hash ?? undefined };
  }

  /** Undefined where no password is set. */
  async findPasswordHash(tenantId: TenantId, userId: UserId): Promise<string | undefined> {
    const row = await this.#users({ tenantId }).where('users.user_id', '=', userId).executeTakeFirst();
    return row?.password_hash ?? undefined;
  }

  /** Every tenant user that one of the unique identifiers already belongs to. */
  async findOwners(tenantId: TenantId, values: UserValues): Promise<User[]> {
    const owners = await this.#users({ tenantId })
      .where((eb) =>
        eb.or([
          ...(values.email === undefined ? [] : [eb('users.email', '=', values.email)]),
          ...(values.phoneNumber === undefined ? [] : [eb('users.phone_number', '=', values.phoneNumber)]),
          ...(values.externalUserId === undefined
            ? []
            : [eb('users.external_user_id', '=', values.externalUserId)]),
        ]),
      )
      .execute();
    return owners.map(toUser);
  }

  async insert(tenantId: TenantId, userId: UserId, values: UserValues): Promise<User> {
    const columns = { profile: '{}', status: 'Pending', ...toColumns(values) } as {
      profile: string;
      status: UserStatus;
    };
    const row = await this.#db
      .insertInto('users')
      .values({ tenant_id: tenantId, user_id: userId, ...columns })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toUser(row);
  }

  /** Changed identifiers lose their verification, a changed status gets its date. */
  async update(user: User, values: UserValues): Promise<User | undefined> {
    const row = await this.#db
      .updateTable('users')
      .set({
        ...toColumns(values),
        updated_at: new Date(),
        ...(values.email !== undefined &&
          values.email !== user.email && { email_verified_at: values.emailVerifiedAt ?? null }),
        ...(values.phoneNumber !== undefined &&
          values.phoneNumber !== user.phoneNumber && {
            phone_number_verified_at: values.phoneNumberVerifiedAt ?? null,
          }),
        ...(values.status !== undefined &&
          values.status !== user.status && { status_changed_at: new Date() }),
      })
      .where('tenant_id', '=', user.tenantId)
      .where('user_id', '=', user.userId)
      .returningAll()
      .executeTakeFirst();
    return row && toUser(row);
  }

  /** Another way to store the same password; nothing where it was changed meanwhile. */
  async replaceHash(user: User, { from, to }: { from: string; to: string }): Promise<void> {
    await this.#db
      .updateTable('users')
      .set({ password_hash: to })
      .where('tenant_id', '=', user.tenantId)
      .where('user_id', '=', user.userId)
      .where('password_hash', '=', from)
      .execute();
  }

  /** Notes a sign-in: Pending becomes Active. Undefined where the user was disabled or deleted meanwhile. */
  async markSignedIn(user: User): Promise<User | undefined> {
    const row = await this.#db
      .updateTable('users')
      .set({
        last_auth: new Date(),
        status: 'Active',
        ...(user.status === 'Pending' && { status_changed_at: new Date() }),
      })
      .where('tenant_id', '=', user.tenantId)
      .where('user_id', '=', user.userId)
      .where('status', '<>', 'Disabled')
      .returningAll()
      .executeTakeFirst();
    return row && toUser(row);
  }

  /** Adds the membership, or changes the given members of it. Who signs in to the house becomes no member of anything. */
  async putMembership(user: User, appId: AppId, values: MembershipValues): Promise<void> {
    if (isHouse(appId)) return;
    const columns = toMembershipColumns(values);
    const insert = this.#db.insertInto('user_applications').values({
      tenant_id: user.tenantId,
      user_id: user.userId,
      app_id: appId,
      custom_app_data: '{}',
      ...columns,
    });
    await insert
      .onConflict((conflict) => {
        const pair = conflict.columns(['user_id', 'app_id']);
        return Object.keys(columns).length === 0 ? pair.doNothing() : pair.doUpdateSet(columns);
      })
      .execute();
  }

  async delete(tenantId: TenantId, userId: UserId): Promise<boolean> {
    const result = await this.#db
      .deleteFrom('users')
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  }
}

export { toMembership, toUser };
