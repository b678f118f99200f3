/** Writes audit events, in the transaction of the change they tell about. */
import type { ManagementCaller } from '../base/caller.ts';
import type { TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';

export interface Actor {
  readonly kind: 'admin' | 'client' | 'user' | 'system';
  readonly id: string;
}

export interface AuditEvent {
  readonly tenantId: TenantId;
  /** `noun.verb`, for example `client.created`. */
  readonly type: string;
  readonly actor: Actor;
  /** Id of the object that changed. */
  readonly subject: string;
  /** Never secrets. */
  readonly details?: Record<string, unknown>;
}

/** The process itself as author, for example at the first start. */
export interface SystemAuthor {
  readonly kind: 'system';
  readonly tenantId: TenantId;
}

/** Who is named in the trail for this caller. */
export const actorOf = (author: ManagementCaller | SystemAuthor): Actor => ({
  kind: author.kind,
  id: author.kind === 'system' ? 'system' : author.clientId,
});

export class AuditLog {
  /** Adds one event; pass the transaction of the write it belongs to. */
  async record(db: Database, event: AuditEvent): Promise<void> {
    await db
      .insertInto('audit_events')
      .values({
        tenant_id: event.tenantId,
        type: event.type,
        actor: JSON.stringify(event.actor),
        subject: event.subject,
        details: JSON.stringify(event.details ?? {}),
      })
      .execute();
  }

  /** As `record`, of what this author does in the own tenant. */
  recordBy(
    db: Database,
    author: ManagementCaller | SystemAuthor,
    event: Pick<AuditEvent, 'type' | 'subject' | 'details'>,
  ): Promise<void> {
    return this.record(db, { ...event, tenantId: author.tenantId, actor: actorOf(author) });
  }
}
