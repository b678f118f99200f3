/** Reads a SCIM filter over users (RFC 7644 3.4.2.2) into conditions on attributes that exist. */
import { type Compare, type Filter, parse } from 'scim2-parse-filter';
import { invalid } from '../base/errors.ts';

export type TextAttribute =
  | 'user_id'
  | 'status'
  | 'email'
  | 'phone_number'
  | 'username'
  | 'external_user_id'
  | 'external_account_id';
type TimeAttribute = 'created_at' | 'updated_at' | 'last_auth' | 'status_changed_at';
type FlagAttribute = 'email_verified' | 'phone_number_verified';
export type Operator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'sw' | 'co' | 'ew';

/** One condition; `path` names a member inside a document, outermost first. */
export type Condition =
  | {
      readonly kind: 'text';
      readonly attribute: TextAttribute;
      readonly op: Operator;
      readonly value: string;
    }
  | { readonly kind: 'time'; readonly attribute: TimeAttribute; readonly op: Operator; readonly value: Date }
  | { readonly kind: 'flag'; readonly attribute: FlagAttribute; readonly value: boolean }
  | {
      readonly kind: 'profile' | 'app_data';
      readonly path: readonly string[];
      readonly op: Operator;
      readonly value: string;
    }
  | {
      readonly kind: 'list';
      readonly list: 'secondary_emails' | 'secondary_phone_numbers';
      readonly op: Operator;
      readonly value: string;
    }
  | { readonly kind: 'present'; readonly of: Presence };
export type Presence =
  | { readonly kind: 'text'; readonly attribute: TextAttribute }
  | { readonly kind: 'time'; readonly attribute: TimeAttribute }
  | { readonly kind: 'profile' | 'app_data'; readonly path: readonly string[] };

export type UserFilter =
  | { readonly op: 'and' | 'or'; readonly filters: readonly UserFilter[] }
  | { readonly op: 'not'; readonly filter: UserFilter }
  | { readonly op: 'is'; readonly condition: Condition };

const MAX_LENGTH = 4096;
const MAX_DEPTH = 20;
const MAX_CONDITIONS = 50;
const OPERATORS: readonly string[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'sw', 'co', 'ew'];

const TEXTS: Readonly<Record<string, TextAttribute>> = {
  user_id: 'user_id',
  status: 'status',
  email: 'email',
  'email.value': 'email',
  phone_number: 'phone_number',
  'phone_number.value': 'phone_number',
  username: 'username',
  external_user_id: 'external_user_id',
  external_account_id: 'external_account_id',
};
const TIMES: readonly string[] = ['created_at', 'updated_at', 'last_auth', 'status_changed_at'];
const FLAGS: Readonly<Record<string, FlagAttribute>> = {
  email_verified: 'email_verified',
  'email.email_verified': 'email_verified',
  phone_number_verified: 'phone_number_verified',
  'phone_number.phone_number_verified': 'phone_number_verified',
};
const LISTS: readonly string[] = ['secondary_emails', 'secondary_phone_numbers'];
const PROFILE = /^(birthday|language|picture|name\.\w+|address\.\w+|custom_data(\.[\w-]+)+)$/;
const APP_DATA = /^custom_app_data(\.[\w-]+)+$/;

/** @throws 400 with a sentence that says what to write instead */
export function parseUserFilter(text: string): UserFilter {
  assertBounded(text);
  let parsed: Filter;
  try {
    parsed = parse(text);
  } catch {
    throw invalid(
      'search: not a filter; write for example: email sw "ann" and (status eq "Active" or not (username pr))',
    );
  }
  const count = { left: MAX_CONDITIONS };
  return toFilter(parsed, count);
}

/** Before the parser sees it: that one goes as deep as it is told to. */
function assertBounded(text: string): void {
  if (text.length > MAX_LENGTH) throw invalid(`search: at most ${MAX_LENGTH} characters`);
  let depth = 0;
  for (const sign of text) {
    if (sign === '(' || sign === '[') depth++;
    if (sign === ')' || sign === ']') depth--;
    if (depth > MAX_DEPTH) throw invalid(`search: brackets at most ${MAX_DEPTH} deep`);
  }
}

function toFilter(filter: Filter, count: { left: number }): UserFilter {
  if (filter.op === 'and' || filter.op === 'or')
    return { op: filter.op, filters: filter.filters.map((one) => toFilter(one, count)) };
  if (filter.op === 'not') return { op: 'not', filter: toFilter(filter.filter, count) };
  if (filter.op === '[]')
    throw invalid('search: attribute[...] is not supported; compare the attribute itself');
  count.left--;
  if (count.left < 0) throw invalid(`search: at most ${MAX_CONDITIONS} conditions`);
  if (filter.op === 'pr') return { op: 'is', condition: presenceOf(filter.attrPath) };
  return { op: 'is', condition: conditionOf(filter as Compare) };
}

const unknownAttribute = (name: string) =>
  invalid(
    `search: ${name.slice(0, 100)} is not an attribute to search by; use user_id, status, email, phone_number, username, external_user_id, external_account_id, secondary_emails, secondary_phone_numbers, email.email_verified, phone_number.phone_number_verified, created_at, updated_at, last_auth, status_changed_at, birthday, language, picture, name.*, address.*, custom_data.* or custom_app_data.*`,
  );

function presenceOf(name: string): Condition {
  const text = TEXTS[name];
  if (text) return { kind: 'present', of: { kind: 'text', attribute: text } };
  if (TIMES.includes(name))
    return { kind: 'present', of: { kind: 'time', attribute: name as TimeAttribute } };
  const path = name.split('.');
  if (PROFILE.test(name) || name === 'custom_data') return { kind: 'present', of: { kind: 'profile', path } };
  if (APP_DATA.test(name)) return { kind: 'present', of: { kind: 'app_data', path: path.slice(1) } };
  throw unknownAttribute(name);
}

function conditionOf({ op, attrPath: name, compValue }: Compare): Condition {
  if (!OPERATORS.includes(op)) throw invalid(`search: ${String(op)} is not an operator`);
  const text = TEXTS[name];
  if (text) return { kind: 'text', attribute: text, op, value: textOf(name, compValue) };
  if (TIMES.includes(name))
    return {
      kind: 'time',
      attribute: name as TimeAttribute,
      op: ordering(name, op),
      value: timeOf(name, compValue),
    };
  const flag = FLAGS[name];
  if (flag) return { kind: 'flag', attribute: flag, value: flagOf(name, op, compValue) };
  if (LISTS.includes(name))
    return { kind: 'list', list: name as 'secondary_emails', op, value: textOf(name, compValue) };
  const path = name.split('.');
  if (PROFILE.test(name)) return { kind: 'profile', path, op, value: anyText(compValue) };
  if (APP_DATA.test(name)) return { kind: 'app_data', path: path.slice(1), op, value: anyText(compValue) };
  throw unknownAttribute(name);
}

function textOf(name: string, value: Compare['compValue']): string {
  if (typeof value !== 'string') throw invalid(`search: ${name} is compared with a text in double quotes`);
  return value;
}

/** Documents hold texts, numbers and booleans; all are compared as texts. */
const anyText = (value: Compare['compValue']): string => {
  if (value === null) throw invalid('search: null cannot be compared; use pr');
  return String(value);
};

function ordering(name: string, op: Operator): Operator {
  if (['sw', 'co', 'ew'].includes(op))
    throw invalid(`search: ${name} is compared with eq, ne, gt, ge, lt or le`);
  return op;
}

/** Epoch milliseconds, or a date-time in double quotes. */
function timeOf(name: string, value: Compare['compValue']): Date {
  const isNumber = typeof value === 'number' || (typeof value === 'string' && /^\d{1,15}$/.test(value));
  const time = isNumber ? Number(value) : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (!Number.isFinite(time) || time < 0 || time > 253_402_300_799_999)
    throw invalid(`search: ${name} is compared with epoch milliseconds or an ISO date-time in double quotes`);
  return new Date(time);
}

function flagOf(name: string, op: Operator, value: Compare['compValue']): boolean {
  const flag =
    value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined;
  if (flag === undefined || (op !== 'eq' && op !== 'ne'))
    throw invalid(`search: ${name} is compared with eq or ne, and true or false`);
  return op === 'eq' ? flag : !flag;
}
