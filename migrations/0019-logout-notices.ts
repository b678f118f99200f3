/** Clients that have yet to be told that a session ended, and where they want to hear of it. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // No reference to the user: that one was deleted is a reason to tell.
  await sql`create table logout_notices (
    tenant_id text not null references tenants,
    notice_id text primary key,
    client_id text not null references clients on delete cascade,
    user_id text not null,
    sid text not null,
    attempts integer not null default 0,
    due_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    unique (client_id, sid)
  )`.execute(db);
  await sql`create index on logout_notices (due_at)`.execute(db);
  await sql`create index on logout_notices (expires_at)`.execute(db);
  await sql`update clients set settings = settings || '{"backchannel_logout_uri": "",
    "backchannel_logout_session_required": false, "frontchannel_logout_uri": "",
    "frontchannel_logout_session_required": false}'::jsonb where protocol = 'oidc'`.execute(db);
}
