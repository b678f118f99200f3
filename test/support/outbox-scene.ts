/** The outbox without features: a database, a key, and messages put into it the way a feature does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { TenantId } from '../../src/base/ids.ts';
import { createLogger } from '../../src/base/logger.ts';
import { newSecret, Secret } from '../../src/base/secrets.ts';
import { openSealer } from '../../src/keys/master-key.ts';
import { Sealer } from '../../src/keys/sealer.ts';
import type { Transports } from '../../src/messages/delivery.ts';
import { TIMING, type Timing } from '../../src/messages/delivery-worker.ts';
import { MailTransport, type MailTransportParts } from '../../src/messages/mail-transport.ts';
import type { OutgoingMail, OutgoingMessage } from '../../src/messages/message.ts';
import { Outbox } from '../../src/messages/outbox.ts';
import { type Database, type OpenDatabase, openEmbedded, openPostgres } from '../../src/storage/database.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { TenantStore } from '../../src/tenants/tenant-store.ts';
import { migrated } from './embedded-folder.ts';
import type { StorageOptions } from './engines.ts';
import type { MailSink } from './mail-sink.ts';
import type { App } from './start-app.ts';

export interface OutboxRow {
  readonly message_id: string;
  readonly status: string;
  readonly attempts: number;
  readonly sealed_content: string | null;
  readonly last_fault: string | null;
}

export class OutboxScene {
  readonly db: Database;
  readonly tenantId: TenantId;
  readonly sealer: Sealer;
  #log = '';
  readonly #closers: (() => unknown)[];

  private constructor(
    parts: { db: Database; tenantId: TenantId; sealer: Sealer },
    closers: (() => unknown)[],
  ) {
    this.db = parts.db;
    this.tenantId = parts.tenantId;
    this.sealer = parts.sealer;
    this.#closers = closers;
  }

  /** A database of its own, without a server. */
  static async open({ databaseUrl }: StorageOptions): Promise<OutboxScene> {
    const folder = mkdtempSync(join(tmpdir(), 'tessera-outbox-'));
    const database = await openDatabase(databaseUrl, folder);
    await migrate(database.db);
    const tenantId = 't' as TenantId;
    await new TenantStore(database.db).create(database.db, tenantId, 'T');
    const sealer = new Sealer(new Secret(newSecret()));
    return new OutboxScene({ db: database.db, tenantId, sealer }, [
      () => database.close(),
      () => rmSync(folder, { recursive: true }),
    ]);
  }

  /** The database of a running server (Postgres), with its key. */
  static async of(app: App): Promise<OutboxScene> {
    const database = openPostgres(app.env.DATABASE_URL ?? '', 4, () => undefined);
    const sealer = await openSealer(database.db, undefined, app.keysDir);
    const tenant = await new TenantStore(database.db).findFirst();
    if (!tenant) throw new Error('the server has no tenant');
    return new OutboxScene({ db: database.db, tenantId: tenant.tenantId, sealer }, [() => database.close()]);
  }

  /** All log lines of the outboxes of this scene. */
  get log(): string {
    return this.#log;
  }

  /** An outbox that delivers once it is started. */
  outbox(transports: Transports, timing: Partial<Timing> = {}): Outbox {
    const log = createLogger('trace', {
      write: (line) => {
        this.#log += line;
      },
    });
    return new Outbox({
      db: this.db,
      sealer: this.sealer,
      transports,
      log,
      timing: { ...TIMING, pollMs: 100, ...timing },
    });
  }

  mail(to: string, more: Partial<OutgoingMail> = {}): OutgoingMail {
    return {
      channel: 'email',
      tenantId: this.tenantId,
      to,
      subject: 'Sign in',
      text: 'Your code is 736251, or open https://id.example.com/link?a=1&b=2',
      html: '<p>Your code is 736251, or open <a href="https://id.example.com/link?a=1&amp;b=2">the link</a></p>',
      ...more,
    };
  }

  /** Puts messages into the outbox of a server that runs elsewhere. */
  async enqueue(transports: Transports, ...messages: readonly OutgoingMessage[]): Promise<void> {
    const outbox = this.outbox(transports);
    for (const message of messages) await outbox.enqueue(this.db, message);
  }

  async row(recipient: string): Promise<OutboxRow> {
    return this.db
      .selectFrom('outbox')
      .select(['message_id', 'status', 'attempts', 'sealed_content', 'last_fault'])
      .where('recipient', '=', recipient)
      .executeTakeFirstOrThrow();
  }

  /** As if this much time had passed for what waits. */
  async age(recipient: string, seconds: number): Promise<void> {
    await sql`update outbox set due_at = due_at - make_interval(secs => ${seconds})
      where recipient = ${recipient}`.execute(this.db);
  }

  async close(): Promise<void> {
    for (const closer of this.#closers) await closer();
  }
}

const openDatabase = (
  databaseUrl: string | undefined,
  folder: string,
): Promise<OpenDatabase> | OpenDatabase =>
  databaseUrl === undefined ? openEmbedded(migrated(folder)) : openPostgres(databaseUrl, 8, () => undefined);

/** A mail transport to the sink. */
export const mailTo = (sink: MailSink, more: Partial<MailTransportParts> = {}): Transports => ({
  email: new MailTransport({
    server: { host: 'localhost', port: sink.port, tls: 'none' },
    from: { address: 'no-reply@tessera.example', name: 'Tessera' },
    ...more,
  }),
});
