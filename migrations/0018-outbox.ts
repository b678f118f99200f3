/** Messages that wait for delivery, and those that a development machine keeps. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table outbox (
    tenant_id text not null references tenants,
    message_id text primary key,
    app_id text references applications on delete cascade,
    channel text not null check (channel in ('email', 'sms')),
    recipient text not null,
    sealed_content text,
    is_development boolean not null,
    status text not null default 'waiting' check (status in ('waiting', 'sent', 'kept', 'dead')),
    attempts integer not null default 0,
    due_at timestamptz not null default now(),
    valid_until timestamptz,
    last_fault text,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`.execute(db);
  await sql`create index outbox_due on outbox (due_at) where status = 'waiting'`.execute(db);
  await sql`create index outbox_development on outbox (tenant_id, created_at desc, message_id)
    where is_development`.execute(db);
  await sql`create index on outbox (app_id) where app_id is not null`.execute(db);
  await sql`create index on outbox (expires_at)`.execute(db);
}
