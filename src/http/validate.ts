/** Turns untrusted input into a typed value, or into one sentence per problem. */
import type { z } from 'zod';
import { invalid } from '../base/errors.ts';

/** A zod schema, for those who only pass one on. */
export type Schema = z.ZodType;

type Issue = z.core.$ZodIssue;

const MAX_PROBLEMS = 20;

/** The value in the shape of the schema. @throws 400 naming every problem, unknown members included. */
export function validate<T>(schema: z.ZodType<T>, input: unknown): T {
  if (!isStorable(input)) throw invalid('Texts must not contain NUL characters or broken Unicode');
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw invalid(...result.error.issues.flatMap((issue) => sentences(issue, input)).slice(0, MAX_PROBLEMS));
}

/** Postgres holds neither NUL nor half a surrogate pair in any text. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\u0000') && value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, member]) => isStorable(key) && isStorable(member));
}

function sentences(issue: Issue, input: unknown): string[] {
  const at = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${[...at, key.slice(0, 100)].join('.')} is not a known field`);
  const name = at.join('.') || 'The body';
  if (issue.code === 'invalid_type' && valueAt(input, issue.path) === undefined)
    return [`${name} is required`];
  return [`${name}: ${issue.message.replace(/^Invalid input: /, '')}`];
}

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    input,
  );
