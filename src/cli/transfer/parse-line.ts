/** Reads the text of one line: which kind of object it is about, and its members, checked. */
import { AppError } from '../../base/errors.ts';
import { StartError } from '../../base/start-error.ts';
import { validate } from '../../http/validate.ts';
import { ROW_KINDS } from './kinds.ts';
import { headerLine } from './line-schema.ts';
import { type Line, RefusedLine, type RowKind } from './row-kind.ts';
import { type UserLine, userLine } from './user-line-schema.ts';

export type Parsed =
  | { readonly is: 'header' }
  | { readonly is: 'row'; readonly kind: RowKind; readonly line: Line }
  | { readonly is: 'user'; readonly line: UserLine };

/** @throws RefusedLine; StartError for an export that cannot be read at all */
export function parseLine(text: string): Parsed {
  const value = objectOf(text);
  try {
    if ('tessera' in value) {
      if (value.tessera === 'export' && value.version !== 1)
        throw new StartError('This export has another version; this Tessera reads version 1.');
      validate(headerLine, value);
      return { is: 'header' };
    }
    const { kind: name, ...line } = value;
    if (name === 'user') return { is: 'user', line: validate(userLine, line) };
    const kind = ROW_KINDS.find((one) => one.kind === name);
    if (kind) return { is: 'row', kind, line: validate(kind.schema, line) as Line };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new RefusedLine((error.problems ?? [error.message]).join('; '));
  }
  throw new RefusedLine(`kind: must be one of ${[...ROW_KINDS.map((one) => one.kind), 'user'].join(', ')}`);
}

function objectOf(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RefusedLine('not JSON: every line is one object');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RefusedLine('not a JSON object');
  return value as Record<string, unknown>;
}

/** What a line that cannot be read calls itself. */
export const kindNamed = (text: string): string => /"kind"\s*:\s*"(\w{1,40})"/.exec(text)?.[1] ?? 'line';
