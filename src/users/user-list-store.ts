/** Pages of users: sorted, narrowed by a filter or by the start of an email or phone number, counted. */
import { sql } from 'kysely';
import type { Database } from '../storage/database.ts';
import type { Member, Membership, Reach } from './user.ts';
import type { UserFilter } from './user-filter.ts';
import { filterCondition, startsWith } from './user-filter-store.ts';
import { toMembership, toUser } from './user-store.ts';

export const SORT_FIELDS = [
  'created_at',
  'email',
  'phone_number',
  'last_auth',
  'organization_added_at',
] as const;

export interface UserPageQuery {
  /** Users to skip. */
  readonly offset: number;
  readonly limit: number;
  /** Start of an email or a phone number. */
  readonly prefix?: string;
  readonly filter?: UserFilter;
  readonly sortField: (typeof SORT_FIELDS)[number];
  readonly sortOrder: 'asc' | 'desc';
}
export interface UserPage {
  readonly members: readonly Member[];
  readonly total: number;
}

type Narrowing = Pick<UserPageQuery, 'prefix' | 'filter'>;

export class UserListStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  #matching(reach: Reach, { prefix, filter }: Narrowing) {
    let query = this.#db.selectFrom('users').where('users.tenant_id', '=', reach.tenantId);
    if (reach.appId !== undefined)
      query = query.where(
        sql<boolean>`exists (select 1 from user_applications m where m.user_id = users.user_id and m.app_id = ${reach.appId})`,
      );
    if (filter !== undefined) query = query.where(filterCondition(filter, reach));
    if (prefix === undefined || prefix === '') return query;
    return query.where((eb) =>
      eb.or([
        eb('users.email', 'like', startsWith(prefix.toLowerCase())),
        eb('users.phone_number', 'like', startsWith(prefix)),
      ]),
    );
  }

  async count(reach: Reach, narrowing: Narrowing = {}): Promise<number> {
    const row = await this.#matching(reach, narrowing)
      .select((eb) => eb.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    return Number(row.total);
  }

  /** One page; users without a value in the sort field come last. */
  async list(reach: Reach, query: UserPageQuery): Promise<UserPage> {
    // Outside of one organization nobody was added to one, so creation decides.
    const field = query.sortField === 'organization_added_at' ? 'created_at' : query.sortField;
    const rows = await this.#matching(reach, query)
      .selectAll('users')
      .orderBy(`users.${field}`, (order) =>
        (query.sortOrder === 'asc' ? order.asc() : order.desc()).nullsLast(),
      )
      .orderBy('users.user_id', query.sortOrder)
      .limit(query.limit)
      .offset(query.offset)
      .execute();
    const users = rows.map(toUser);
    const memberships = await this.#memberships(
      reach,
      users.map((user) => user.userId),
    );
    const members = users.map((user): Member => {
      const membership = memberships.get(user.userId);
      return { user, ...(membership && { membership }) };
    });
    return { members, total: await this.count(reach, query) };
  }

  async #memberships(reach: Reach, userIds: readonly string[]): Promise<Map<string, Membership>> {
    let query = this.#db
      .selectFrom('user_applications')
      .selectAll()
      .where('tenant_id', '=', reach.tenantId)
      .where(sql<boolean>`user_id = any(${userIds}::text[])`);
    if (reach.appId !== undefined) query = query.where('app_id', '=', reach.appId);
    const rows = await query.orderBy('created_at', 'desc').orderBy('app_id', 'desc').execute();
    return new Map(rows.map((row) => [row.user_id, toMembership(row)]));
  }
}
