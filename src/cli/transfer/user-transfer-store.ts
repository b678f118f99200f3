/** Reads users page by page for an export, and writes them in batches for an import. */
import { type Selectable, sql } from 'kysely';
import type { AppId, TenantId, UserId } from '../../base/ids.ts';
import type { Database } from '../../storage/database.ts';
import type { UsersTable } from '../../storage/tables.ts';
import {
  type RefreshTokenTrigger,
  RefreshTokenTriggerStore,
} from '../../users/refresh-token-trigger-store.ts';

const PAGE = 1000;

export interface MembershipRow {
  readonly user_id: string;
  readonly app_id: string;
  readonly username: string | null;
  readonly external_account_id: string | null;
  readonly custom_app_data: Readonly<Record<string, unknown>>;
  readonly created_at: Date | string;
}
export interface ExportedUser {
  readonly user: Selectable<UsersTable>;
  readonly memberships: readonly MembershipRow[];
  readonly roleIds: readonly string[];
}
/** What is known of the users that a batch may be about. */
export interface KnownUser extends Selectable<UsersTable> {
  memberships: MembershipRow[];
  role_ids: string[];
}
/** The columns of a new user; an absent one has its default. */
export type UserColumns = Readonly<Record<string, unknown>> & { readonly user_id: string };

export class UserTransferStore {
  readonly #db: Database;
  readonly #tenantId: TenantId;
  constructor(db: Database, tenantId: TenantId) {
    this.#db = db;
    this.#tenantId = tenantId;
  }

  async *users(): AsyncGenerator<ExportedUser> {
    for (let after = ''; ; ) {
      const users = await this.#db
        .selectFrom('users')
        .selectAll()
        .where('tenant_id', '=', this.#tenantId)
        .where('user_id', '>', after as UserId)
        .orderBy('user_id')
        .limit(PAGE)
        .execute();
      const ids = users.map((user) => user.user_id);
      const known = await this.#details(ids);
      for (const user of users)
        yield {
          user,
          memberships: known.memberships.get(user.user_id) ?? [],
          roleIds: known.roles.get(user.user_id) ?? [],
        };
      if (users.length < PAGE) return;
      after = ids.at(-1) ?? '';
    }
  }

  /** Users with one of these ids (of any tenant) or identifiers (of ours). */
  async known(keys: {
    readonly ids: readonly string[];
    readonly emails: readonly string[];
    readonly phoneNumbers: readonly string[];
    readonly externalIds: readonly string[];
    readonly usernames: readonly { readonly appId: string; readonly username: string }[];
  }): Promise<KnownUser[]> {
    const { rows } = await sql<Selectable<UsersTable>>`
      select * from users where user_id = any(${keys.ids}::text[])
      union select * from users where tenant_id = ${this.#tenantId} and email = any(${keys.emails}::text[])
      union select * from users where tenant_id = ${this.#tenantId} and phone_number = any(${keys.phoneNumbers}::text[])
      union select * from users where tenant_id = ${this.#tenantId} and external_user_id = any(${keys.externalIds}::text[])
      union select u.* from users u join user_applications m on m.user_id = u.user_id
        where m.tenant_id = ${this.#tenantId} and (m.app_id, lower(m.username)) in (select app_id, lower(username) from unnest(
          ${keys.usernames.map((one) => one.appId)}::text[], ${keys.usernames.map((one) => one.username)}::text[])
          as k (app_id, username))`.execute(this.#db);
    const known = await this.#details(rows.map((row) => row.user_id));
    return rows.map((row) => ({
      ...row,
      memberships: known.memberships.get(row.user_id) ?? [],
      role_ids: known.roles.get(row.user_id) ?? [],
    }));
  }

  /** Those of the ids that are applications of the tenant. */
  async applications(ids: readonly string[]): Promise<Set<string>> {
    return this.#present(sql`select app_id as id from applications
      where tenant_id = ${this.#tenantId} and app_id = any(${ids}::text[])`);
  }

  /** Those of the ids that are roles of applications of the tenant. */
  async roles(ids: readonly string[]): Promise<Set<string>> {
    return this.#present(sql`select role_id as id from roles
      where tenant_id = ${this.#tenantId} and app_id is not null and role_id = any(${ids}::text[])`);
  }

  async insert(users: readonly UserColumns[]): Promise<void> {
    if (users.length === 0) return;
    const rows = users.map((user) => ({ ...DEFAULTS, ...user, tenant_id: this.#tenantId }));
    await sql`insert into users (${COLUMNS}) select ${COLUMNS}
      from jsonb_populate_recordset(null::users, ${JSON.stringify(rows)}::jsonb)`.execute(this.#db);
  }

  async update(userId: string, columns: Readonly<Record<string, unknown>>): Promise<void> {
    const sets = sql.join(
      Object.entries(columns).map(([name, value]) =>
        name === 'profile'
          ? sql`profile = ${JSON.stringify(value)}::jsonb`
          : sql`${sql.ref(name)} = ${value}`,
      ),
    );
    await sql`update users set ${sets}, updated_at = now()
      where tenant_id = ${this.#tenantId} and user_id = ${userId}`.execute(this.#db);
  }

  /** Ends what the change ends (contract/tokens-and-sessions.md 5). */
  pull(trigger: RefreshTokenTrigger, userIds: readonly string[]): Promise<void> {
    return new RefreshTokenTriggerStore(this.#db).pull(this.#tenantId, trigger, userIds as UserId[]);
  }

  async putMemberships(rows: readonly MembershipRow[]): Promise<void> {
    if (rows.length === 0) return;
    await sql`insert into user_applications (tenant_id, user_id, app_id, username, external_account_id, custom_app_data, created_at)
      select ${this.#tenantId}, m.user_id, m.app_id, m.username, m.external_account_id, m.custom_app_data, m.created_at
      from jsonb_populate_recordset(null::user_applications, ${JSON.stringify(rows)}::jsonb) m
      on conflict (user_id, app_id) do update set username = excluded.username,
        external_account_id = excluded.external_account_id, custom_app_data = excluded.custom_app_data`.execute(
      this.#db,
    );
  }

  async assignRoles(pairs: readonly { readonly userId: string; readonly roleId: string }[]): Promise<void> {
    if (pairs.length === 0) return;
    await sql`insert into role_assignments (tenant_id, role_id, entity_type, entity_id)
      select ${this.#tenantId}, p.role_id, 'User', p.user_id
      from unnest(${pairs.map((pair) => pair.roleId)}::text[], ${pairs.map((pair) => pair.userId)}::text[])
        as p (role_id, user_id) on conflict do nothing`.execute(this.#db);
  }

  async takeRoles(pairs: readonly { readonly userId: string; readonly roleId: string }[]): Promise<void> {
    if (pairs.length === 0) return;
    await sql`delete from role_assignments where tenant_id = ${this.#tenantId} and entity_type = 'User'
      and (role_id, entity_id) in (select * from unnest(${pairs.map((pair) => pair.roleId)}::text[],
        ${pairs.map((pair) => pair.userId)}::text[]))`.execute(this.#db);
  }

  async count(): Promise<number> {
    const { rows } = await sql<{ n: string }>`select count(*)::text as n from users
      where tenant_id = ${this.#tenantId}`.execute(this.#db);
    return Number(rows[0]?.n ?? 0);
  }

  async #present(query: ReturnType<typeof sql>): Promise<Set<string>> {
    const { rows } = await (query as ReturnType<typeof sql<{ id: string }>>).execute(this.#db);
    return new Set(rows.map((row) => row.id));
  }

  async #details(ids: readonly UserId[]) {
    const memberships = await this.#db
      .selectFrom('user_applications')
      .select(MEMBERSHIP_COLUMNS)
      .where('tenant_id', '=', this.#tenantId)
      .where(sql<boolean>`user_id = any(${ids}::text[])`)
      .orderBy('app_id')
      .execute();
    const roles = await this.#db
      .selectFrom('role_assignments')
      .select(['user_id', 'role_id'])
      .where('tenant_id', '=', this.#tenantId)
      .where(sql<boolean>`user_id = any(${ids}::text[])`)
      .orderBy('role_id')
      .execute();
    return {
      memberships: Map.groupBy(
        memberships as readonly (MembershipRow & { app_id: AppId })[],
        (row) => row.user_id,
      ),
      roles: new Map(
        [...Map.groupBy(roles, (row) => row.user_id ?? '')].map(([userId, rows]) => [
          userId,
          rows.map((row) => String(row.role_id)),
        ]),
      ),
    };
  }
}

const DEFAULTS = { status: 'Pending', profile: {}, password_must_change: false };
const USER_COLUMNS = [
  'tenant_id',
  'user_id',
  'status',
  'status_changed_at',
  'email',
  'email_verified_at',
  'phone_number',
  'phone_number_verified_at',
  'external_user_id',
  'profile',
  'password_hash',
  'password_updated_at',
  'password_must_change',
  'last_auth',
  'created_at',
  'updated_at',
];
const COLUMNS = sql.join(USER_COLUMNS.map((column) => sql.ref(column)));
const MEMBERSHIP_COLUMNS = [
  'user_id',
  'app_id',
  'username',
  'external_account_id',
  'custom_app_data',
  'created_at',
] as const;

/** The columns that lines about users carry, by table. */
export const USER_TABLES = { users: USER_COLUMNS, user_applications: MEMBERSHIP_COLUMNS };
