/** Turns a checked filter into a condition on the rows of users; every value is a bound parameter. */
import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Reach } from './user.ts';
import type { Place } from './user-attributes.ts';
import type { UserFilter } from './user-filter.ts';

type Condition = RawBuilder<SqlBool>;
type Term = Exclude<UserFilter, { op: 'and' | 'or' | 'not' }>;
type Comparing = Exclude<Term, { op: 'pr' }>;

const SIGNS = { eq: '=', gt: '>', ge: '>=', lt: '<', le: '<=' } as const;

/** Text in which LIKE sees no sign of its own. */
export const literally = (text: string): string => text.replace(/[\\%_]/g, '\\$&');
/** LIKE pattern for "starts with". */
export const startsWith = (prefix: string): string => `${literally(prefix)}%`;

/** The condition on `users` within this reach: what belongs to an application is looked for there only. */
export function filterCondition(filter: UserFilter, reach: Reach): Expression<SqlBool> {
  return build(filter, reach);
}

function build(filter: UserFilter, reach: Reach): Condition {
  switch (filter.op) {
    case 'and':
      return sql<SqlBool>`${sql.join(
        filter.filters.map((part) => sql`(${build(part, reach)})`),
        sql` and `,
      )}`;
    case 'or':
      return united(filter.filters, reach);
    case 'not':
      // What has no value is neither equal nor unequal in SQL; here it does not match, so its opposite does.
      return sql<SqlBool>`(${build(filter.filter, reach)}) is not true`;
    case 'ne':
      return build({ op: 'not', filter: { ...filter, op: 'eq' } }, reach);
    default:
      return placed(filter, reach);
  }
}

/**
 * Each part finds its users by an index of its own, the tenant included. Under a plain `or` the planner leaves the
 * tenant out of some part and reads an index of a million users, or finds none for parts in two tables.
 */
function united(filters: readonly UserFilter[], reach: Reach): Condition {
  const parts = filters.map(
    (part) => sql`select users.user_id from users
      where users.tenant_id = ${reach.tenantId} and (${build(part, reach)})`,
  );
  return sql<SqlBool>`users.user_id in (${sql.join(parts, sql` union `)})`;
}

/** Looks at the user's row, or at those of the memberships in reach. */
function placed(term: Term, { tenantId, appId }: Reach): Condition {
  const { place } = term.attribute;
  const condition = compare(term, valueAt(place));
  if (place.of === 'user' || place.of === 'profile') return condition;
  const inApp = appId === undefined ? sql`` : sql`and m.app_id = ${appId}`;
  // Correlated, so that under `not` the few users in question are looked up and not all memberships read.
  return sql<SqlBool>`exists (select 1 from user_applications m where m.user_id = users.user_id
    and m.tenant_id = ${tenantId} ${inApp} and (${condition}))`;
}

function valueAt(place: Place): RawBuilder<unknown> {
  if (place.of === 'user') return sql.ref(`users.${place.column}`);
  if (place.of === 'membership') return sql.ref(`m.${place.column}`);
  const document = sql.ref(place.of === 'profile' ? 'users.profile' : 'm.custom_app_data');
  return sql`${document} #> ${[...place.path]}::text[]`;
}

function compare(term: Term, value: RawBuilder<unknown>): Condition {
  const { comparison, place } = term.attribute;
  const isDocument = place.of === 'profile' || place.of === 'custom_app_data';
  const text = isDocument ? sql`(${value} #>> '{}')` : value;
  switch (comparison) {
    case 'verified':
      return flag(term, sql`(${value} is not null)`);
    case 'active':
      return flag(term, sql`(${value} <> 'Disabled')`);
    case 'list':
      return list(term, value);
    default:
      if (term.op === 'pr') return sql<SqlBool>`${text} is not null`;
  }
  if (term.value instanceof Date) return date(term, term.value, value);
  if (comparison === 'json') return json(term, value, text);
  const given = String(term.value);
  if (comparison === 'text') return textual(term, sql`lower(${text})`, given.toLowerCase());
  return textual(term, text, comparison === 'lower' ? given.toLowerCase() : given);
}

const flag = (term: Term, value: RawBuilder<unknown>): Condition =>
  term.op === 'pr' ? sql<SqlBool>`true` : sql<SqlBool>`${value} = ${term.value as boolean}`;

/** True where one element of the list matches. */
function list(term: Term, value: RawBuilder<unknown>): Condition {
  if (term.op === 'pr') return sql<SqlBool>`${value} -> 0 is not null`;
  // Emails are kept in lower case; phone numbers have no case.
  const condition = textual(term, sql`item->>'value'`, String(term.value).toLowerCase());
  return sql<SqlBool>`exists (select 1 from jsonb_array_elements(${value}) item where ${condition})`;
}

function textual({ op }: Comparing, value: RawBuilder<unknown>, given: string): Condition {
  if (op === 'sw') return sql<SqlBool>`${value} like ${startsWith(given)}`;
  if (op === 'ew') return sql<SqlBool>`${value} like ${`%${literally(given)}`}`;
  if (op === 'co') return sql<SqlBool>`${value} like ${`%${startsWith(given)}`}`;
  return sql<SqlBool>`${value} ${signOf(op)} ${given}`;
}

/** Answers show milliseconds, rows hold microseconds: a value stands for its whole millisecond. */
function date({ op }: Comparing, given: Date, value: RawBuilder<unknown>): Condition {
  const after = new Date(given.getTime() + 1);
  if (op === 'eq') return sql<SqlBool>`(${value} >= ${given} and ${value} < ${after})`;
  if (op === 'gt') return sql<SqlBool>`${value} >= ${after}`;
  if (op === 'le') return sql<SqlBool>`${value} < ${after}`;
  return sql<SqlBool>`${value} ${signOf(op)} ${given}`;
}

/** A text in quotes is compared with the value as text, a number or a flag with values of its own kind. */
function json(term: Comparing, value: RawBuilder<unknown>, text: RawBuilder<unknown>): Condition {
  if (typeof term.value === 'string') return textual(term, text, term.value);
  const given = sql`${JSON.stringify(term.value)}::jsonb`;
  return sql<SqlBool>`(jsonb_typeof(${value}) = jsonb_typeof(${given}) and ${value} ${signOf(term.op)} ${given})`;
}

/** Only signs of this table get into the statement. */
const signOf = (op: Comparing['op']): RawBuilder<unknown> => sql.raw(SIGNS[op as keyof typeof SIGNS]);
