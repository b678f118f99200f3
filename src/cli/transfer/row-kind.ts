/** One kind of configuration line: the rows of one table under their own names, without the tenant. */
import type { TenantId } from '../../base/ids.ts';
import type { Schema } from '../../http/validate.ts';
import type { SamlCertificates } from '../../keys/saml-certificates.ts';
import type { Database } from '../../storage/database.ts';
import type { Identifier } from './seen-identifiers.ts';

export type ColumnType = 'text' | 'json' | 'time' | 'number' | 'boolean' | 'bytes';
export type Line = Readonly<Record<string, unknown>>;
export type Outcome = 'created' | 'updated' | 'unchanged' | 'removed';

/** A line refused by what is in the database or in the file already; `message` says why. */
export class RefusedLine extends Error {}

export interface Reference {
  readonly table: string;
  readonly column: string;
  /** Narrows what may be named, as SQL over the alias `t`; a constant of this code, never input. */
  readonly only?: string;
}

/** What the rules of a kind are given beside the line. */
export interface Ground {
  /** The transaction of the line. */
  readonly db: Database;
  readonly tenantId: TenantId;
  /** Opens the master key only when a key has to be made. @throws StartError */
  certificates(db: Database): Promise<SamlCertificates>;
  /** Something a person has to know of an object, for the end of the report; the first word on it counts. */
  note(object: string, sentence: string): void;
}

export interface RowKind {
  /** `kind` of the line. */
  readonly kind: string;
  readonly table: string;
  /** Columns that name a row. */
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Names of columns where members of the line are called otherwise. */
  readonly columnOf?: Readonly<Record<string, string>>;
  /** Columns that never change: another value is another object. */
  readonly fixed?: readonly string[];
  /** Columns that a row keeps once it is there. */
  readonly kept?: readonly string[];
  /** Checks and completes one line; unknown members are refused. */
  readonly schema: Schema;
  /** Columns that name a row of another table of the same tenant; a null names none. */
  readonly references: Readonly<Record<string, Reference>>;
  /** What no two lines of a file may name, besides the key. */
  readonly unique?: (line: Line) => readonly Identifier[];
  /** Kinds of the objects that the line ties together, by column: gone with the line where the file lists all of them. */
  readonly ends?: Readonly<Record<string, string>>;
  /** Narrows what is exported, as SQL over the alias `t`; a constant of this code, never input. */
  readonly only?: string;
  /** Rows read at a time. */
  readonly page?: number;
  /** Asked before a row is made or changed. @throws AppError below 500, RefusedLine */
  readonly check?: (ground: Ground, line: Line) => Promise<void>;
  /** What follows from a row that was made, changed or removed. @throws AppError below 500, RefusedLine */
  readonly written?: (ground: Ground, line: Line) => Promise<void>;
  /** In place of writing a row. @throws AppError below 500, RefusedLine */
  readonly put?: (ground: Ground, line: Line) => Promise<Outcome>;
}

const text = (table: string, column: string) => ({ table, column });
export const APPLICATION = text('applications', 'app_id');
export const CLIENT = text('clients', 'client_id');
export const SERVICE_PROVIDER = text('service_providers', 'service_provider_id');
/** A role of an application, for its users. */
export const ROLE = { ...text('roles', 'role_id'), only: 't.app_id is not null' };
export const CLIENT_ROLE = { ...text('roles', 'role_id'), only: 't.app_id is null' };
export const RESOURCE = text('resources', 'resource_id');
export const ROLE_GROUP = text('role_groups', 'group_id');
export const USER = text('users', 'user_id');

/** The identifier of a column, where the line has one. */
export const identifier = (name: string, value: unknown): Identifier[] =>
  value === undefined || value === null || value === '' ? [] : [{ name, value }];

export const keyOf = ({ key }: Pick<RowKind, 'key'>, line: Line): Identifier => ({
  name: key.join(' and '),
  value: key.map((column) => line[column]),
});
