/** What a JSON body may be, and how problems are told. */
import { z } from 'zod';
import { parseObject } from '../../src/http/json-body.ts';
import { validate } from '../../src/http/validate.ts';

const parse = (text: string) => parseObject(Buffer.from(text));

describe('JSON bodies', () => {
  it('reads an object', () => expect(parse('{"a":[1]}')).toEqual({ a: [1] }));
  it.each([
    '[]',
    '1',
    'null',
    '{',
    '',
    '{"__proto__":{}}',
    '{"a":{"constructor":1}}',
    `{"a":${'['.repeat(40)}${']'.repeat(40)}}`,
  ])('refuses %j', (text) => expect(() => parse(text)).toThrow(expect.objectContaining({ status: 400 })));
  it.each([
    '{"role":"clerk","role":"admin"}',
    '{"a":{"b":1,"b":1}}',
    '{"list":[{"a":":","a":"\\\\"}]}',
    '{"a":1,"\\u0061":2}',
    '{"__proto__":1,"__proto__":2}',
  ])('refuses %s, where a name stands twice in one object (RFC 8259 4)', (text) =>
    expect(() => parse(text)).toThrow('two members of the same name'),
  );
  it.each(['{"a":":","b":"\\":\\"","c":[{"a":1},{"a":2}],"d":{"a":{"a":"\\\\"}}}', '{"a:":"\u2028:"}', '{}'])(
    'reads %s, where names and colons only look repeated',
    (text) => expect(parse(text)).toEqual(JSON.parse(text)),
  );
  it('counts the members of a large body at once', () => {
    const body = Object.fromEntries(Array.from({ length: 12_000 }, (_, at) => [`m${at}`, '\\":']));
    const start = performance.now();
    expect(parse(JSON.stringify(body))).toEqual(body);
    expect(performance.now() - start).toBeLessThan(1000);
  });
  it('refuses what is not UTF-8', () =>
    expect(() => parseObject(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('UTF-8'));
});

describe('validation', () => {
  const schema = z.strictObject({ name: z.string() });
  it('names what is missing and what is unknown', () => {
    expect(() => validate(schema, { other: 1 })).toThrow('name is required; other is not a known field');
  });
  it.each(['a\u0000b', '\ud800'])('refuses the text %j', (name) => {
    expect(() => validate(schema, { name })).toThrow('NUL');
  });
});
