/** Requests at random for the rows of the management API: type-confused, oversized, deep, duplicated, malformed. */
import fc from 'fast-check';
import type { Row } from '../../src/http/route.ts';
import { jsonMembers } from './json-members.ts';
import { filled, parametersOf } from './routes.ts';

export interface FuzzRequest {
  readonly method: string;
  /** Path and query, as they go on the wire. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u202e',
    '🎈',
    '%00',
    "' or 1=1 --",
    '../..',
    '<script>',
    '{{7*7}}',
  ),
  fc.constantFrom('https://a.example', 'javascript:alert(1)', 'a@b.example', '+14155550123', '2020-02-31'),
  fc.nat(20_000).map((length) => 'x'.repeat(length)),
);
const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -1, 2 ** 31, 2 ** 53, 1e308, -0, Number.MAX_SAFE_INTEGER),
);

/** JSON one level inside the next. */
const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { a: value };
  return value;
};

const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null));
export const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 2, arbitrary: fc.array(scalar, { maxLength: 5 }) },
  { weight: 2, arbitrary: fc.dictionary(fc.string({ maxLength: 10 }), scalar, { maxKeys: 5 }) },
  { weight: 1, arbitrary: fc.integer({ min: 20, max: 200 }).map(nested) },
  { weight: 1, arbitrary: fc.constant(Array.from({ length: 2000 }, (_, at) => `v${at}`)) },
);

/** A body in which some members are right and some are not. */
const confused = (members: readonly string[], good: unknown): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.dictionary(
        fc.oneof(fc.constantFrom('no_such_field', ...members), fc.string({ maxLength: 12 })),
        value,
        { maxKeys: 6 },
      ),
      fc.boolean(),
    )
    .map(([bad, keepsGood]) =>
      JSON.stringify(keepsGood && typeof good === 'object' ? { ...good, ...bad } : bad),
    );

/** What no JSON object is. */
const malformed = (members: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(
      '{',
      '[]',
      'null',
      '"text"',
      '1',
      '{"a":}',
      '\ufeff{}',
      '{"__proto__":{"x":1}}',
      '{"a":1}{"b":2}',
    ),
    fc.constantFrom('name', ...members).map((name) => `{"${name}":"a","${name}":{"x":[]}}`),
    fc.json({ maxDepth: 6 }),
    fc.constant('['.repeat(50_000)),
    fc.constant(`{"name":"${'x'.repeat(300_000)}"}`),
    fc.string({ unit: 'binary' }),
  );

const queryOf = (members: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(fc.constantFrom('search', 'page_offset', ...members), text), { maxLength: 4 })
    .map((pairs) =>
      pairs.length === 0
        ? ''
        : `?${new URLSearchParams(pairs.map(([a, b]): [string, string] => [a, b.toWellFormed()]))}`,
    );

const segment = (known: string | undefined): fc.Arbitrary<string> => {
  const random = text.map((one) => encodeURIComponent(one.slice(0, 300).toWellFormed()) || 'x');
  const odd = fc.constantFrom('%00', '%', '%ff', '..', '%2e%2e', 'nobody');
  return known === undefined
    ? fc.oneof(random, odd)
    : fc.oneof({ weight: 5, arbitrary: fc.constant(known) }, random, odd);
};

/** `ids` are real ones, by the name of the path parameter; `good` is a body that passes the schema. */
export function requestsTo(
  row: Row,
  { ids, good }: { ids: Readonly<Record<string, string>>; good: unknown },
): fc.Arbitrary<FuzzRequest> {
  const names = parametersOf(row.path);
  const members = jsonMembers(row.operation?.body);
  const hasBody =
    row.method === 'post' || row.method === 'put' || (row.method === 'delete' && members.length > 0);
  const body = hasBody
    ? fc.oneof(
        { weight: 3, arbitrary: confused(members, good) },
        { weight: 1, arbitrary: malformed(members) },
      )
    : fc.constant(undefined);
  const type = fc.constantFrom(
    'application/json',
    'application/json',
    'application/json; charset=utf-8',
    'text/plain',
    'multipart/form-data; boundary=x',
  );
  const ifMatch = fc.constantFrom(undefined, undefined, undefined, '*', '"x"', 'W/"y", z');
  return fc
    .tuple(
      fc.tuple(...names.map((name) => segment(ids[name]))),
      queryOf(jsonMembers(row.operation?.query)),
      body,
      type,
      ifMatch,
    )
    .map(([segments, query, content, contentType, tag]) => ({
      method: row.method.toUpperCase(),
      path: filled(row.path, (name) => segments[names.indexOf(name)] ?? 'x') + query,
      headers: {
        ...(content !== undefined && { 'content-type': contentType }),
        ...(tag !== undefined && { 'if-match': tag }),
      },
      ...(content !== undefined && { body: content }),
    }));
}
