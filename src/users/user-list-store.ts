/** Pages of users: narrowed by a filter or by the start of an email or phone number, sorted, counted. */
import { type OrderByItemBuilder, type SqlBool, sql } from 'kysely';
import type { Database } from '../storage/database.ts';
import type { Member, Membership, Reach } from './user.ts';
import { EMAIL, PHONE } from './user-attributes.ts';
import type { UserFilter } from './user-filter.ts';
import { filterCondition } from './user-filter-store.ts';
import { toMembership, toUser } from './user-store.ts';

export const SORT_FIELDS = [
  'created_at',
  'email',
  'phone_number',
  'last_auth',
  'organization_added_at',
] as const;

/** Which users of the reach are meant; all of them where nothing is said. */
export interface Narrowing {
  /** Start of an email or a phone number. */
  readonly prefix?: string;
  readonly filter?: UserFilter;
}
export interface UserPageQuery extends Narrowing {
  /** Users to skip. */
  readonly offset: number;
  readonly limit: number;
  readonly sortField: (typeof SORT_FIELDS)[number];
  readonly sortOrder: 'asc' | 'desc';
}
export interface UserPage {
  readonly members: readonly Member[];
  readonly total: number;
}

const startOf = (prefix: string): UserFilter => ({
  op: 'or',
  filters: [
    { op: 'sw', attribute: EMAIL, value: prefix },
    { op: 'sw', attribute: PHONE, value: prefix },
  ],
});

type NullableColumn = Exclude<UserPageQuery['sortField'], 'created_at' | 'organization_added_at'>;

const isNarrow = ({ prefix, filter }: Narrowing): boolean => Boolean(prefix) || filter !== undefined;

export class UserListStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  #matching(reach: Reach, { prefix, filter }: Narrowing) {
    const { tenantId, appId } = reach;
    let query = this.#db.selectFrom('users').where('users.tenant_id', '=', tenantId);
    if (appId !== undefined)
      query = query.where(
        sql<SqlBool>`exists (select 1 from user_applications a where a.user_id = users.user_id
          and a.tenant_id = ${tenantId} and a.app_id = ${appId})`,
      );
    for (const part of [filter, prefix ? startOf(prefix) : undefined])
      if (part) query = query.where(filterCondition(part, reach));
    return query;
  }

  /** All users of a reach are counted in one table: an index of `users`, or the narrow rows of the memberships. */
  async count(reach: Reach, narrowing: Narrowing): Promise<number> {
    const { tenantId, appId } = reach;
    const all = this.#db.selectFrom('user_applications').where('tenant_id', '=', tenantId);
    const query =
      appId !== undefined && !isNarrow(narrowing)
        ? all.where('app_id', '=', appId).select((eb) => eb.fn.countAll<number>().as('total'))
        : this.#matching(reach, narrowing).select((eb) => eb.fn.countAll<number>().as('total'));
    return Number((await query.executeTakeFirstOrThrow()).total);
  }

  /** One page and how many there are in all. */
  async list(reach: Reach, query: UserPageQuery): Promise<UserPage> {
    const { offset, limit } = query;
    const members = await this.page(reach, query);
    // A page that is not full is the last one, and says how many there are.
    const isLast = members.length < limit && (members.length > 0 || offset === 0);
    return { members, total: isLast ? offset + members.length : await this.count(reach, query) };
  }

  /** Users without a value in the sort field come last, equal values stand in the order of ids. */
  async page(reach: Reach, query: UserPageQuery): Promise<Member[]> {
    const rows = isNarrow(query) ? await this.#found(reach, query).execute() : await this.#next(reach, query);
    const users = rows.map(toUser);
    const memberships = await this.#memberships(
      reach,
      users.map((user) => user.userId),
    );
    return users.map((user): Member => {
      const membership = memberships.get(user.userId);
      return { user, ...(membership && { membership }) };
    });
  }

  /** Walks the index of the sort field as far as the page goes. */
  async #next(reach: Reach, query: UserPageQuery) {
    const { column, direction } = orderOf(query);
    if (query.sortOrder === 'desc' && column !== 'created_at') return this.#downwards(reach, query, column);
    return this.#matching(reach, query)
      .selectAll('users')
      .orderBy(`users.${column}`, direction)
      .orderBy('users.user_id', query.sortOrder)
      .limit(query.limit)
      .offset(query.offset)
      .execute();
  }

  /**
   * No ascending index read backwards has users without a value last. So those with one are asked for first, and the
   * others where the page goes on to them: most pages need no more than the index.
   */
  async #downwards(reach: Reach, { offset, limit }: UserPageQuery, column: NullableColumn) {
    const valued = this.#matching(reach, {}).where(`users.${column}`, 'is not', null);
    const rows = await valued
      .selectAll('users')
      .orderBy(`users.${column}`, 'desc')
      .orderBy('users.user_id', 'desc')
      .limit(limit)
      .offset(offset)
      .execute();
    if (rows.length === limit) return rows;
    const before =
      rows.length > 0 || offset === 0
        ? offset
        : Number((await valued.select((eb) => eb.fn.countAll<number>().as('n')).executeTakeFirstOrThrow()).n);
    const others = await this.#matching(reach, {})
      .where(`users.${column}`, 'is', null)
      .selectAll('users')
      .orderBy('users.user_id', 'desc')
      .limit(limit - rows.length)
      .offset(Math.max(offset - before, 0))
      .execute();
    return [...rows, ...others];
  }

  /**
   * Finds first and sorts then. The planner does not know how rare a match is, and would else walk the index of the
   * sort field through a million users for the one that matches.
   */
  #found(reach: Reach, query: UserPageQuery) {
    const { column, direction } = orderOf(query);
    return this.#db
      .with(
        (cte) => cte('found').materialized(),
        () =>
          this.#matching(reach, query).select([
            'users.user_id as id',
            `users.${column} as sort_value` as const,
          ]),
      )
      .with('page', (db) =>
        db
          .selectFrom('found')
          .selectAll()
          .orderBy('sort_value', direction)
          .orderBy('id', query.sortOrder)
          .limit(query.limit)
          .offset(query.offset),
      )
      .selectFrom('page')
      .innerJoin('users', 'users.user_id', 'page.id')
      .selectAll('users')
      .orderBy('page.sort_value', direction)
      .orderBy('page.id', query.sortOrder);
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

/** Outside of one organization nobody was added to one, so creation decides. */
function orderOf({ sortField, sortOrder }: UserPageQuery) {
  const column = sortField === 'organization_added_at' ? 'created_at' : sortField;
  const direction = (order: OrderByItemBuilder): OrderByItemBuilder => {
    if (sortOrder === 'asc') return order.asc().nullsLast();
    // Every user has a date of creation: without a word on nulls the ascending index is read backwards.
    return column === 'created_at' ? order.desc() : order.desc().nullsLast();
  };
  return { column, direction };
}
