/** Reads the audit trail back: what was written about one object. */
import type { TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { Actor } from './audit-log.ts';

export interface TrailEntry {
  readonly at: Date;
  readonly type: string;
  readonly actor: Actor;
  readonly details: unknown;
}

export class TrailStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  /** Newest first. */
  async about(tenantId: TenantId, subject: string, limit: number): Promise<TrailEntry[]> {
    const rows = await this.#db
      .selectFrom('audit_events')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('subject', '=', subject)
      .orderBy('at', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ at, type, actor, details }) => ({
      at,
      type,
      actor: actor as unknown as Actor,
      details,
    }));
  }
}
