/** One kind of configuration line: the rows of one table under their own names, without the tenant. */
import type { Schema } from '../../http/validate.ts';

export type ColumnType = 'text' | 'json' | 'time' | 'number' | 'boolean';

export interface Reference {
  readonly table: string;
  readonly column: string;
  /** Narrows what may be named, as SQL over the alias `t`; a constant of this code, never input. */
  readonly only?: string;
}

export interface RowKind {
  /** `kind` of the line. */
  readonly kind: string;
  readonly table: string;
  /** Columns that name a row. */
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Columns that never change: another value is another object. */
  readonly fixed?: readonly string[];
  /** Checks and completes one line; unknown members are refused. */
  readonly schema: Schema;
  /** Columns that name a row of another table of the same tenant; a null names none. */
  readonly references: Readonly<Record<string, Reference>>;
  /** Narrows what is exported, as SQL over the alias `t`; a constant of this code, never input. */
  readonly only?: string;
}

const text = (table: string, column: string) => ({ table, column });
export const APPLICATION = text('applications', 'app_id');
export const CLIENT = text('clients', 'client_id');
export const ROLE = text('roles', 'role_id');
export const CLIENT_ROLE = { ...ROLE, only: 't.app_id is null' };
export const RESOURCE = text('resources', 'resource_id');
export const ROLE_GROUP = text('role_groups', 'group_id');
