/** Takes an import line by line: checks it, gathers users into batches, writes each batch in a transaction. */
import { AuditLog } from '../../audit/audit-log.ts';
import type { TenantId } from '../../base/ids.ts';
import type { Database } from '../../storage/database.ts';
import { type FileSoFar, importUsers, type NumberedUser } from './import-users.ts';
import { ROW_KINDS } from './kinds.ts';
import { kindNamed, type Parsed, parseLine } from './parse-line.ts';
import type { InputLine } from './read-lines.ts';
import { refusalOf } from './refusal.ts';
import type { Report } from './report.ts';
import { type Ground, keyOf, type Line, type Outcome, RefusedLine, type RowKind } from './row-kind.ts';
import { atomically, RowStore } from './row-store.ts';
import { SeenIdentifiers } from './seen-identifiers.ts';
import { namesOfUser } from './user-line-schema.ts';
import { UserTransferStore } from './user-transfer-store.ts';

const BATCH = 500;

interface Numbered {
  readonly number: number;
  readonly text: string;
}
type Pending = Numbered & NumberedUser;

/** Runs work in a transaction of its own, or within the one of a dry run. */
export type InTransaction = <T>(work: (db: Database) => Promise<T>) => Promise<T>;

export class Importer {
  readonly #inTransaction: InTransaction;
  readonly #tenantId: TenantId;
  readonly #report: Report;
  readonly #certificates: Ground['certificates'];
  readonly #seen = new SeenIdentifiers();
  /** The file is an export: what it does not have of the objects that it lists is not there any more. */
  #isExport = false;
  /** A line that was skipped cannot be read: it might have said that something is there. */
  #isInDoubt = false;
  #users: Pending[] = [];

  constructor(parts: {
    inTransaction: InTransaction;
    tenantId: TenantId;
    report: Report;
    certificates: Ground['certificates'];
  }) {
    this.#inTransaction = parts.inTransaction;
    this.#tenantId = parts.tenantId;
    this.#report = parts.report;
    this.#certificates = parts.certificates;
  }

  /** Number of the first line that is not written yet, given the last one taken. */
  firstUnwritten(last: number): number {
    return this.#users[0]?.number ?? last + 1;
  }

  async take({ number, text, fault }: InputLine): Promise<void> {
    if (fault !== undefined) return this.#refuse('line', { number, text }, fault);
    const parsed = this.#read({ number, text });
    if (parsed === undefined) return;
    if (parsed.is === 'user') {
      this.#users.push({ number, text, line: parsed.line });
      if (this.#users.length >= BATCH) await this.flush();
      return;
    }
    await this.flush();
    await this.#putRow(parsed, { number, text });
  }

  /** Remembers what a line names that a run before this one took. */
  skip({ number, text, fault }: InputLine): void {
    const doubt = () => {
      this.#isInDoubt = true;
    };
    if (fault === undefined) this.#read({ number, text }, doubt);
    else doubt();
  }

  /** Writes the users that are still gathered. */
  async flush(): Promise<void> {
    const batch = this.#users;
    if (batch.length === 0) return;
    const whole = await this.#attempt((db) => this.#importUsers(db, batch));
    if (!(whole instanceof RefusedLine)) {
      this.#users = [];
      for (const [at, outcome] of whole.entries()) this.#note('user', batch[at], outcome);
      return;
    }
    // Something in the batch collides with something: one at a time says what.
    for (const [at, one] of batch.entries()) {
      const single = await this.#attempt((db) => this.#importUsers(db, [one]));
      this.#note('user', one, single instanceof RefusedLine ? single : (single[0] ?? 'unchanged'));
      this.#users = batch.slice(at + 1);
    }
  }

  /**
   * Removes secrets and links that an export does not have although it lists every object that they belong to.
   * Nothing is removed where a line was refused: it might have said otherwise.
   */
  async removeGone(): Promise<void> {
    if (!this.#isExport) return;
    if (this.#report.refused > 0 || this.#isInDoubt) {
      this.#report.note('Secrets and links', 'that the file does not have were left, as lines were refused');
      return;
    }
    for (const kind of ROW_KINDS) if (kind.ends !== undefined) await this.#removeGoneOf(kind);
  }

  #removeGoneOf(kind: RowKind): Promise<void> {
    return this.#inTransaction(async (db) => {
      const rows = new RowStore(db, this.#tenantId);
      const gone: Line[] = [];
      for await (const row of rows.rows(kind)) if (this.#isGone(kind, row)) gone.push(row);
      for (const row of gone) {
        await rows.remove(kind, row);
        await kind.written?.(this.#ground(db), row);
        await this.#record(db, kind, row, 'removed');
        this.#report.count(kind.kind, 'removed');
      }
    });
  }

  #isGone(kind: RowKind, row: Line): boolean {
    const isListed = ([column, of]: [string, string]): boolean => {
      const key = ROW_KINDS.find((one) => one.kind === of)?.key ?? ['user_id'];
      const value = of === 'user' ? row[column] : [row[column]];
      return this.#seen.lineOf(of, { name: key.join(' and '), value }) !== undefined;
    };
    if (this.#seen.lineOf(kind.kind, keyOf(kind, row)) !== undefined) return false;
    return Object.entries(kind.ends ?? {}).every(isListed);
  }

  /** Undefined for what is no object, or was refused. */
  #read(
    at: Numbered,
    refuse = (kind: string, reason: string) => this.#refuse(kind, at, reason),
  ): Exclude<Parsed, { is: 'header' }> | undefined {
    if (at.text.trim() === '') return undefined;
    try {
      const parsed = parseLine(at.text);
      if (parsed.is === 'header') {
        if (at.number !== 1) throw new RefusedLine('the header of an export stands in the first line');
        this.#isExport = true;
        return undefined;
      }
      const taken =
        parsed.is === 'user'
          ? this.#seen.claim('user', namesOfUser(parsed.line), at.number)
          : this.#seen.claim(parsed.kind.kind, namesOfRow(parsed.kind, parsed.line), at.number);
      if (taken !== undefined) throw new RefusedLine(taken);
      return parsed;
    } catch (error) {
      if (!(error instanceof RefusedLine)) throw error;
      refuse(kindNamed(at.text), error.message);
      return undefined;
    }
  }

  #importUsers(db: Database, batch: readonly Pending[]): Promise<(Outcome | RefusedLine)[]> {
    const file: FileSoFar = {
      claim: (value, number) => this.#seen.claim('user', [{ name: 'user_id', value }], number),
      decidesOn: (roleId) =>
        this.#isExport && this.#seen.lineOf('role', { name: 'role_id', value: [roleId] }) !== undefined,
    };
    const store = new UserTransferStore(db, this.#tenantId);
    return importUsers(store, batch, { tenantId: this.#tenantId, file });
  }

  async #putRow({ kind, line }: { kind: RowKind; line: Line }, at: Numbered): Promise<void> {
    const outcome = await this.#attempt(async (db) => {
      const made = await new RowStore(db, this.#tenantId).put(kind, line, this.#ground(db));
      if (made !== 'unchanged') await this.#record(db, kind, line, made);
      return made;
    });
    this.#note(kind.kind, at, outcome);
  }

  #ground(db: Database): Ground {
    return {
      db,
      tenantId: this.#tenantId,
      certificates: this.#certificates,
      note: (object, sentence) => this.#report.note(object, sentence),
    };
  }

  /** A collision with what is in the database becomes a refusal, and leaves nothing behind. */
  #attempt<T>(work: (db: Database) => Promise<T>): Promise<T | RefusedLine> {
    return this.#inTransaction(async (db) => {
      try {
        return await atomically(db, () => work(db));
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal === undefined) throw error;
        return refusal;
      }
    });
  }

  async #record(db: Database, kind: RowKind, line: Line, outcome: Outcome): Promise<void> {
    await new AuditLog().record(db, {
      tenantId: this.#tenantId,
      type: `${kind.kind}.${outcome}`,
      actor: { kind: 'system', id: 'import' },
      subject: kind.key.map((column) => String(line[column])).join(' '),
      details: { by: 'import' },
    });
  }

  #note(kind: string, at: Numbered | undefined, outcome: Outcome | RefusedLine): void {
    if (outcome instanceof RefusedLine) this.#refuse(kind, at ?? { number: 0, text: '' }, outcome.message);
    else this.#report.count(kind, outcome);
  }

  #refuse(kind: string, { number, text }: Numbered, reason: string): void {
    this.#report.refuse(kind, { line: number, reason, text });
  }
}

const namesOfRow = (kind: RowKind, line: Line) => [keyOf(kind, line), ...(kind.unique?.(line) ?? [])];
