/** Rows of clients that have yet to hear of a logout: taken under a lease, gone when the client was told. */
import { sql } from 'kysely';
import type { ClientId, TenantId, UserId } from '../../base/ids.ts';
import { newId } from '../../base/secrets.ts';
import type { Database } from '../../storage/database.ts';

/** What one client is told (Back-Channel Logout 1.0 section 2.4). */
export interface LogoutNotice {
  readonly clientId: ClientId;
  readonly userId: UserId;
  readonly sid: string;
}

/** A notice that this process alone may deliver until its lease ends. */
export interface LeasedNotice extends LogoutNotice {
  readonly noticeId: string;
  /** This one included. */
  readonly attempts: number;
}

const KEEP_SECONDS = 3600;

const inMilliseconds = (ms: number) => sql<Date>`now() + make_interval(secs => ${ms / 1000})`;

const columnOf =
  (notices: readonly LogoutNotice[]) =>
  (name: keyof LogoutNotice): string[] =>
    notices.map((notice) => notice[name]);

export class LogoutNoticeStore {
  readonly #db: Database;
  readonly #tenantId: TenantId;
  constructor(parts: { db: Database; tenantId: TenantId }) {
    this.#db = parts.db;
    this.#tenantId = parts.tenantId;
  }

  /** Writes down those whose client wants to hear of it, due after a while. A session of a client is told of once. */
  async add(notices: readonly LogoutNotice[], delayMs = 0): Promise<number> {
    if (notices.length === 0) return 0;
    const column = columnOf(notices);
    const { numAffectedRows } = await sql`insert into logout_notices
        (tenant_id, notice_id, client_id, user_id, sid, due_at, expires_at)
      select c.tenant_id, k.notice_id, c.client_id, k.user_id, k.sid, ${inMilliseconds(delayMs)},
        ${inMilliseconds(KEEP_SECONDS * 1000)}
      from unnest(${notices.map(() => newId())}::text[], ${column('clientId')}::text[], ${column('userId')}::text[],
        ${column('sid')}::text[]) as k (notice_id, client_id, user_id, sid)
      join clients c on c.client_id = k.client_id and c.tenant_id = ${this.#tenantId} and c.protocol = 'oidc'
        and coalesce(c.settings->>'backchannel_logout_uri', '') <> ''
      on conflict (client_id, sid) do nothing`.execute(this.#db);
    return Number(numAffectedRows ?? 0);
  }

  /** Makes them due at once, those that nobody has tried to deliver yet. */
  async release(notices: readonly LogoutNotice[]): Promise<void> {
    const column = columnOf(notices);
    await sql`update logout_notices n set due_at = now()
      from unnest(${column('clientId')}::text[], ${column('sid')}::text[]) as k (client_id, sid)
      where n.tenant_id = ${this.#tenantId} and n.client_id = k.client_id and n.sid = k.sid and n.attempts = 0`.execute(
      this.#db,
    );
  }

  /** Takes notices that are due, the longest waiting first. Two processes never get the same one. */
  async lease(limit: number, leaseMs: number): Promise<LeasedNotice[]> {
    const due = this.#db
      .selectFrom('logout_notices')
      .select('notice_id')
      .where('tenant_id', '=', this.#tenantId)
      .where('due_at', '<=', sql<Date>`now()`)
      .where('expires_at', '>', sql<Date>`now()`)
      .orderBy('due_at')
      .limit(limit)
      .forUpdate()
      .skipLocked();
    const rows = await this.#db
      .updateTable('logout_notices')
      .set({ attempts: sql`attempts + 1`, due_at: inMilliseconds(leaseMs) })
      .where(sql<boolean>`notice_id = any(array(${due}))`)
      .returning(['notice_id', 'client_id', 'user_id', 'sid', 'attempts'])
      .execute();
    return rows.map((row) => ({
      noticeId: row.notice_id,
      clientId: row.client_id,
      userId: row.user_id,
      sid: row.sid,
      attempts: row.attempts,
    }));
  }

  /** The client was told, or will never be. */
  async remove({ noticeId }: Pick<LeasedNotice, 'noticeId'>): Promise<void> {
    await this.#db.deleteFrom('logout_notices').where('notice_id', '=', noticeId).execute();
  }

  /** It is tried again later, unless its hour is over by then. @returns false where it is given up */
  async postpone({ noticeId, attempts }: LeasedNotice, pauseMs: number): Promise<boolean> {
    const due = inMilliseconds(pauseMs);
    const row = await this.#db
      .updateTable('logout_notices')
      .set({ due_at: due })
      .where('notice_id', '=', noticeId)
      // A lease that ran out may have another holder by now.
      .where('attempts', '=', attempts)
      .returning(sql<boolean>`expires_at > due_at`.as('goes_on'))
      .executeTakeFirst();
    if (row?.goes_on !== false) return true;
    await this.remove({ noticeId });
    return false;
  }
}
