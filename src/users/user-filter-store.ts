/** Turns conditions on users into SQL; every value is a bound parameter. */
import { type RawBuilder, sql } from 'kysely';
import type { Reach } from './user.ts';
import { normalEmail } from './user.ts';
import type { Condition, Operator, Presence, TextAttribute, UserFilter } from './user-filter.ts';

type Bool = RawBuilder<boolean>;
type Text = RawBuilder<string | null>;

/** LIKE pattern parts, their own signs taken literally. */
const literal = (text: string): string => text.replace(/[\\%_]/g, '\\$&');
export const startsWith = (prefix: string): string => `${literal(prefix)}%`;

const COMPARES: Readonly<Record<Operator, (column: RawBuilder<unknown>, value: unknown) => Bool>> = {
  eq: (column, value) => sql`${column} = ${value}`,
  ne: (column, value) => sql`${column} is distinct from ${value}`,
  gt: (column, value) => sql`${column} > ${value}`,
  ge: (column, value) => sql`${column} >= ${value}`,
  lt: (column, value) => sql`${column} < ${value}`,
  le: (column, value) => sql`${column} <= ${value}`,
  sw: (column, value) => sql`${column} like ${startsWith(String(value))}`,
  co: (column, value) => sql`${column} like ${`%${literal(String(value))}%`}`,
  ew: (column, value) => sql`${column} like ${`%${literal(String(value))}`}`,
};

/** The condition over `users`, seen by an application or by the whole tenant. */
export function filterCondition(filter: UserFilter, reach: Reach): Bool {
  if (filter.op === 'not') return sql`not coalesce(${filterCondition(filter.filter, reach)}, false)`;
  if (filter.op === 'is') return conditionSql(filter.condition, reach);
  const parts = filter.filters.map((one) => sql`(${filterCondition(one, reach)})`);
  return sql<boolean>`${sql.join(parts, filter.op === 'and' ? sql` and ` : sql` or `)}`;
}

function conditionSql(condition: Condition, reach: Reach): Bool {
  switch (condition.kind) {
    case 'text':
      return textSql(condition.attribute, condition.op, condition.value, reach);
    case 'time':
      // What is answered has milliseconds; the column has more.
      return COMPARES[condition.op](
        sql`date_trunc('milliseconds', ${sql.ref(`users.${condition.attribute}`)})`,
        condition.value,
      );
    case 'flag':
      return condition.value
        ? sql`${sql.ref(`users.${condition.attribute}_at`)} is not null`
        : sql`${sql.ref(`users.${condition.attribute}_at`)} is null`;
    case 'list':
      return sql`exists (select 1 from jsonb_array_elements(coalesce(users.profile->${condition.list}, '[]')) item
        where ${COMPARES[condition.op](sql`item->>'value'`, condition.value)})`;
    case 'profile':
      return COMPARES[condition.op](member(sql`users.profile`, condition.path), condition.value);
    case 'app_data':
      return inMembership(
        reach,
        COMPARES[condition.op](member(sql`m.custom_app_data`, condition.path), condition.value),
      );
    case 'present':
      return presentSql(condition.of, reach);
  }
}

const member = (document: RawBuilder<unknown>, path: readonly string[]): Text =>
  sql`${document} #>> ${[...path]}::text[]`;

/** In one of the user's memberships that are in reach; as a set of ids, so that an index on the membership can lead. */
const inMembership = ({ tenantId, appId }: Reach, condition: Bool): Bool =>
  sql`users.user_id in (select m.user_id from user_applications m where m.tenant_id = ${tenantId}
    ${appId === undefined ? sql`` : sql`and m.app_id = ${appId}`} and ${condition})`;

function textSql(attribute: TextAttribute, op: Operator, value: string, reach: Reach): Bool {
  if (attribute === 'username') {
    const equal = op === 'ne' ? 'eq' : op;
    const found = inMembership(reach, COMPARES[equal](sql`lower(m.username)`, value.toLowerCase()));
    return op === 'ne' ? sql`not ${found}` : found;
  }
  if (attribute === 'external_account_id')
    return inMembership(reach, COMPARES[op](sql`m.external_account_id`, value));
  return COMPARES[op](sql.ref(`users.${attribute}`), attribute === 'email' ? normalEmail(value) : value);
}

function presentSql(of: Presence, reach: Reach): Bool {
  if (of.kind === 'time') return sql`${sql.ref(`users.${of.attribute}`)} is not null`;
  if (of.kind !== 'text')
    return of.kind === 'profile'
      ? sql`${member(sql`users.profile`, of.path)} is not null`
      : inMembership(reach, sql`${member(sql`m.custom_app_data`, of.path)} is not null`);
  if (of.attribute === 'username' || of.attribute === 'external_account_id')
    return inMembership(reach, sql`${sql.ref(`m.${of.attribute}`)} is not null`);
  return sql`${sql.ref(`users.${of.attribute}`)} is not null`;
}
