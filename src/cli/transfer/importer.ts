/** Takes an import line by line: checks it, gathers users into batches, writes each batch in a transaction. */
import { AuditLog } from '../../audit/audit-log.ts';
import { AppError } from '../../base/errors.ts';
import type { TenantId } from '../../base/ids.ts';
import { validate } from '../../http/validate.ts';
import { type Database, isForeignKeyViolation, isUniqueViolation } from '../../storage/database.ts';
import { CONFIGURATION_KINDS } from './configuration-kinds.ts';
import { MEMBER_KINDS } from './group-kinds.ts';
import { importUsers } from './import-users.ts';
import { headerLine } from './line-schema.ts';
import type { InputLine } from './read-lines.ts';
import type { Report } from './report.ts';
import type { RowKind } from './row-kind.ts';
import { atomically, type Line, type Outcome, RefusedLine, RowStore } from './row-store.ts';
import { type UserLine, userLine } from './user-line-schema.ts';
import { UserTransferStore } from './user-transfer-store.ts';

const BATCH = 500;
const ROW_KINDS = [...CONFIGURATION_KINDS, ...MEMBER_KINDS];

interface Pending<T> {
  readonly number: number;
  readonly text: string;
  readonly value: T;
}
type Parsed = { readonly kind: RowKind; readonly line: Line } | { readonly user: UserLine } | 'nothing';

/** Runs work in a transaction of its own, or within the one of a dry run. */
export type InTransaction = <T>(work: (db: Database) => Promise<T>) => Promise<T>;

export class Importer {
  readonly #inTransaction: InTransaction;
  readonly #tenantId: TenantId;
  readonly #report: Report;
  #users: Pending<UserLine>[] = [];

  constructor(parts: { inTransaction: InTransaction; tenantId: TenantId; report: Report }) {
    this.#inTransaction = parts.inTransaction;
    this.#tenantId = parts.tenantId;
    this.#report = parts.report;
  }

  /** Number of the first line that is not written yet, given the last one taken. */
  firstUnwritten(last: number): number {
    return this.#users[0]?.number ?? last + 1;
  }

  async take({ number, text, fault }: InputLine): Promise<void> {
    if (fault !== undefined) return this.#refuse('line', { number, text }, fault);
    if (text.trim() === '') return;
    let parsed: Parsed;
    try {
      parsed = parse(text);
    } catch (error) {
      return this.#refuse(kindNamed(text), { number, text }, reasonOf(error));
    }
    if (parsed === 'nothing') return;
    if ('user' in parsed) {
      this.#users.push({ number, text, value: parsed.user });
      if (this.#users.length >= BATCH) await this.flush();
      return;
    }
    await this.flush();
    await this.#putRow(parsed, { number, text });
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

  #importUsers(db: Database, batch: readonly Pending<UserLine>[]): Promise<(Outcome | RefusedLine)[]> {
    const lines = batch.map(({ value }) => value);
    return importUsers(new UserTransferStore(db, this.#tenantId), lines, this.#tenantId);
  }

  async #putRow(
    { kind, line }: { kind: RowKind; line: Line },
    at: { number: number; text: string },
  ): Promise<void> {
    const outcome = await this.#attempt(async (db) => {
      const made = await new RowStore(db, this.#tenantId).put(kind, line);
      if (made !== 'unchanged') await this.#record(db, kind, line, made);
      return made;
    });
    this.#note(kind.kind, at, outcome);
  }

  /** A collision with what is in the database becomes a refusal, and leaves nothing behind. */
  #attempt<T>(work: (db: Database) => Promise<T>): Promise<T | RefusedLine> {
    return this.#inTransaction(async (db) => {
      try {
        return await atomically(db, () => work(db));
      } catch (error) {
        if (error instanceof RefusedLine) return error;
        if (isUniqueViolation(error))
          return new RefusedLine(`a value that must be unique is taken${constraintOf(error)}`);
        if (isForeignKeyViolation(error))
          return new RefusedLine(`it names something that is not there${constraintOf(error)}`);
        throw error;
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

  #note(
    kind: string,
    at: { number: number; text: string } | undefined,
    outcome: Outcome | RefusedLine,
  ): void {
    if (outcome instanceof RefusedLine) this.#refuse(kind, at ?? { number: 0, text: '' }, outcome.message);
    else this.#report.count(kind, outcome);
  }

  #refuse(kind: string, { number, text }: { number: number; text: string }, reason: string): void {
    this.#report.refuse(kind, { line: number, reason, text });
  }
}

function parse(text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RefusedLine('not JSON: every line is one object');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RefusedLine('not a JSON object');
  if ('tessera' in value) {
    validate(headerLine, value);
    return 'nothing';
  }
  const { kind: name, ...line } = value as { kind?: unknown } & Record<string, unknown>;
  if (name === 'user') return { user: validate(userLine, line) };
  const kind = ROW_KINDS.find((one) => one.kind === name);
  if (kind === undefined)
    throw new RefusedLine(`kind: must be one of ${[...ROW_KINDS.map((one) => one.kind), 'user'].join(', ')}`);
  return { kind, line: validate(kind.schema, line) as Line };
}

const kindNamed = (text: string): string => /"kind"\s*:\s*"(\w{1,40})"/.exec(text)?.[1] ?? 'line';

const reasonOf = (error: unknown): string => {
  if (error instanceof AppError) return (error.problems ?? [error.message]).join('; ');
  if (error instanceof RefusedLine) return error.message;
  throw error;
};

const constraintOf = (error: unknown): string => {
  const { constraint } = error as { constraint?: string };
  return constraint === undefined ? '' : ` (${constraint})`;
};
