/** SCIM filters over users (RFC 7644 3.4.2.2): limited, parsed, and checked, so that SQL can trust what is left. */
import { type Filter, parse } from 'scim2-parse-filter';
import { invalid } from '../base/errors.ts';
import {
  ATTRIBUTE_NAMES,
  type Attribute,
  type Dialect,
  EMAIL,
  findAttribute,
  USERNAME,
} from './user-attributes.ts';

export type Operator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';
export type UserFilter =
  | { readonly op: 'and' | 'or'; readonly filters: readonly UserFilter[] }
  | { readonly op: 'not'; readonly filter: UserFilter }
  | { readonly op: 'pr'; readonly attribute: Attribute }
  | {
      readonly op: Operator;
      readonly attribute: Attribute;
      readonly value: string | number | boolean | Date;
    };

/** What to call the filter in messages, and which names it speaks. */
export interface FilterSource {
  readonly parameter: string;
  readonly dialect: Dialect;
}

const MAX_LENGTH = 2000;
const MAX_DEPTH = 10;
const MAX_TERMS = 50;
const EXAMPLE = 'write it like: email eq "ada@example.com" and (status eq "Active" or username pr)';
const ORDER: readonly Operator[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'];
const EQUALITY: readonly Operator[] = ['eq', 'ne'];

/** @throws 400 with a sentence that says what to write instead. */
export function parseUserFilter(text: string, source: FilterSource): UserFilter {
  const refuse = (problem: string) => invalid(`${source.parameter}: ${problem}`);
  assertTame(text, refuse);
  let parsed: Filter;
  try {
    parsed = parse(text);
  } catch {
    // The parser's own words name tokens and positions of its own making.
    throw refuse(`this is not a filter; ${EXAMPLE}`);
  }
  return new Reading(source.dialect, refuse).read(parsed, '', 1);
}

/** Before parsing: the parser recurses, and its pattern for texts takes exponential time over line breaks. */
function assertTame(text: string, refuse: (problem: string) => Error): void {
  if (text.length > MAX_LENGTH) throw refuse(`a filter has at most ${MAX_LENGTH} characters`);
  if (/\p{Cc}/u.test(text)) throw refuse('a filter must not contain control characters or line breaks');
  let depth = 0;
  for (const sign of text.replace(/"(?:[^"\\]|\\.)*"/g, '').match(/[([\])]|\bnot\b/gi) ?? []) {
    depth += sign === ')' || sign === ']' ? -1 : 1;
    if (depth > MAX_DEPTH) throw tooDeep(refuse);
  }
}

const tooDeep = (refuse: (problem: string) => Error): Error =>
  refuse(`a filter is nested at most ${MAX_DEPTH} levels deep, and has at most ${MAX_DEPTH} times "not"`);

/** Walks what was parsed once, counting. */
class Reading {
  readonly #dialect: Dialect;
  readonly #refuse: (problem: string) => Error;
  #terms = 0;
  constructor(dialect: Dialect, refuse: (problem: string) => Error) {
    this.#dialect = dialect;
    this.#refuse = refuse;
  }

  /** `prefix` is the attribute before a bracket: `name[first_name eq "Ada"]`. */
  read(filter: Filter, prefix: string, depth: number): UserFilter {
    // `and` and `or` in turn are two levels for each bracket.
    if (depth > 3 * MAX_DEPTH) throw tooDeep(this.#refuse);
    switch (filter.op) {
      case 'and':
      case 'or':
        return {
          op: filter.op,
          filters: filter.filters.map((part) => this.read(part, prefix, depth + 1)),
        };
      case 'not':
        return { op: 'not', filter: this.read(filter.filter, prefix, depth + 1) };
      case '[]':
        return this.#readWithin(filter, prefix, depth);
      case 'pr':
        return { op: 'pr', attribute: this.#attribute(prefix + filter.attrPath) };
      default:
        return this.#compare(filter.op, prefix + filter.attrPath, filter.compValue);
    }
  }

  #readWithin(filter: Filter & { op: '[]' }, prefix: string, depth: number): UserFilter {
    const path = `${prefix}${filter.attrPath}.`;
    // Two terms in one bracket speak of one element of a list; the terms here are looked at one by one.
    if (path.startsWith('secondary_') && filter.valFilter.op !== 'eq')
      throw this.#refuse(`write ${path.slice(0, -1)} eq "the whole value" instead of the bracket`);
    return this.read(filter.valFilter, path, depth + 1);
  }

  #attribute(name: string): Attribute {
    if (++this.#terms > MAX_TERMS) throw this.#refuse(`a filter has at most ${MAX_TERMS} comparisons`);
    const attribute = findAttribute(name, this.#dialect);
    if (attribute !== undefined) return attribute;
    const shown = name.slice(0, 100);
    throw this.#refuse(
      `${shown} is not an attribute to search by; use one of ${ATTRIBUTE_NAMES[this.#dialect]}`,
    );
  }

  #compare(op: Operator, name: string, value: string | number | boolean | null): UserFilter {
    const attribute = this.#attribute(name);
    if (value === null) throw this.#refuse(`write not (${name} pr) to ask for users without ${name}`);
    const term = { op, attribute, value: this.#value(attribute, op, name, value) } as const;
    return this.#dialect === 'scim' && attribute === USERNAME ? orEmail(term) : term;
  }

  #value(
    { comparison }: Attribute,
    op: Operator,
    name: string,
    value: string | number | boolean,
  ): string | number | boolean | Date {
    const allow = (operators: readonly Operator[]): void => {
      if (!operators.includes(op))
        throw this.#refuse(`${name} is compared with ${listed(operators)}, not with ${op}`);
    };
    switch (comparison) {
      case 'date':
        allow(ORDER);
        return this.#date(name, value);
      case 'verified':
      case 'active':
        allow(EQUALITY);
        return this.#flag(name, value);
      case 'status':
        allow(EQUALITY);
        if (value === 'Active' || value === 'Disabled' || value === 'Pending') return value;
        throw this.#refuse(`${name} is compared with "Active", "Disabled" or "Pending"`);
      case 'json':
        if (typeof value !== 'string') allow(ORDER);
        return value;
      default:
        if (typeof value === 'string') return value;
        throw this.#refuse(`${name} is compared with a text in double quotes`);
    }
  }

  /** A date-time text, or milliseconds since 1970, in quotes or not. */
  #date(name: string, value: string | number | boolean): Date {
    const isNumber = typeof value === 'number' || (typeof value === 'string' && /^-?\d{1,15}$/.test(value));
    const isDate = typeof value === 'string' && /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$/.test(value);
    const date = new Date(isNumber ? Number(value) : isDate ? (value as string) : Number.NaN);
    if (Number.isNaN(date.getTime()) || Math.abs(date.getTime()) > MAX_TIME)
      throw this.#refuse(
        `${name} is compared with a date-time such as "2026-01-31T00:00:00Z", or with epoch milliseconds`,
      );
    return date;
  }

  #flag(name: string, value: string | number | boolean): boolean {
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    throw this.#refuse(`${name} is true or false`);
  }
}

/** SCIM shows the email as `userName` of those who have no username, and so it is found. */
function orEmail({ op, value }: { op: Operator; value: string | number | boolean | Date }): UserFilter {
  if (op === 'ne') return { op: 'not', filter: orEmail({ op: 'eq', value }) };
  const named: UserFilter = { op: 'pr', attribute: USERNAME };
  const byEmail: UserFilter = { op, attribute: EMAIL, value };
  return {
    op: 'or',
    filters: [
      { op, attribute: USERNAME, value },
      { op: 'and', filters: [byEmail, { op: 'not', filter: named }] },
    ],
  };
}

const listed = (words: readonly string[]): string => `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

/** The year 9999: beyond it dates are written in other ways. */
const MAX_TIME = Date.UTC(9999, 0);
