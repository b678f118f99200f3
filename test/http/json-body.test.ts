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
