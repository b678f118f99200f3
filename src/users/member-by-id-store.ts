/** Reads users by id for all requests of one moment in one statement: the most asked question of the management API. */
import { type Selectable, sql } from 'kysely';
import type { UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import { gathered } from '../storage/gathered.ts';
import type { UserApplicationsTable, UsersTable } from '../storage/tables.ts';
import type { Member, Reach } from './user.ts';
import { toMembership, toUser } from './user-store.ts';

interface Key {
  readonly reach: Reach;
  readonly userId: UserId;
}

interface Row extends Selectable<UsersTable> {
  /** 1 for the first key. */
  at: string;
  membership: Selectable<UserApplicationsTable> | null;
}

export class MemberByIdStore {
  readonly #find: (key: Key) => Promise<Member | undefined>;
  constructor(db: Database) {
    this.#find = gathered((keys) => findMembers(db, keys));
  }

  /** The user within this reach; for the whole tenant with the oldest membership, if any. */
  find(reach: Reach, userId: UserId): Promise<Member | undefined> {
    return this.#find({ reach, userId });
  }
}

async function findMembers(db: Database, keys: readonly Key[]): Promise<(Member | undefined)[]> {
  const tenants = keys.map(({ reach }) => reach.tenantId);
  const applications = keys.map(({ reach }) => reach.appId ?? null);
  const users = keys.map(({ userId }) => userId);
  const { rows } = await sql<Row>`select k.at, u.*, to_jsonb(m) as membership
    from unnest(${tenants}::text[], ${applications}::text[], ${users}::text[])
      with ordinality as k (tenant_id, app_id, user_id, at)
    join users u on u.user_id = k.user_id and u.tenant_id = k.tenant_id
    left join lateral (select * from user_applications a where a.user_id = u.user_id
      and a.tenant_id = u.tenant_id and (k.app_id is null or a.app_id = k.app_id)
      order by a.created_at, a.app_id limit 1) m on true
    where k.app_id is null or m.app_id is not null`.execute(db);
  const found = new Map(rows.map((row) => [Number(row.at) - 1, toMember(row)]));
  return keys.map((_, at) => found.get(at));
}

const toMember = (row: Row): Member => ({
  user: toUser(row),
  ...(row.membership && { membership: toMembership(row.membership) }),
});
