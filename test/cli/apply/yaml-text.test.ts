/** Reading files of `apply`: where everything stands, and what is refused before it is looked at. */
import { Faults } from '../../../src/cli/apply/faults.ts';
import { parseText } from '../../../src/cli/apply/yaml-text.ts';

function faultsOf(text: string): readonly string[] {
  try {
    parseText('t.yaml', text);
    return [];
  } catch (error) {
    if (error instanceof Faults) return error.faults;
    throw error;
  }
}

describe('a file of apply', () => {
  it('remembers the place of every member and entry, through aliases too', () => {
    const { value, placeOf } = parseText('t.yaml', 'a: &a\n  b:\n    - x\n    - y: 1\nc: *a\n');
    expect(value).toEqual({ a: { b: ['x', { y: 1 }] }, c: { b: ['x', { y: 1 }] } });
    expect(placeOf(['a', 'b', 1, 'y'])).toBe('t.yaml:4:7');
    expect(placeOf(['c', 'b', 0])).toBe('t.yaml:3:7');
  });

  it('names the nearest place around a member that is not there', () => {
    const { placeOf } = parseText('t.yaml', 'a:\n  b: 1\n');
    expect(placeOf(['a', 'missing', 'deeper'])).toBe('t.yaml:1:1');
    expect(parseText('t.yaml', '').placeOf(['a'])).toBe('t.yaml:1:1');
  });

  it('is YAML 1.2: no and on are texts, and JSON is read too', () => {
    expect(parseText('t.yaml', 'a: no\nb: on\n').value).toEqual({ a: 'no', b: 'on' });
    expect(parseText('t.json', '{\n\t"a": [1, null]\n}').value).toEqual({ a: [1, null] });
  });

  it.each([
    ['a duplicate key', 'a: 1\nb: 2\na: 3\n', /^t\.yaml:3:1: .*unique/],
    ['a second document', 'a: 1\n---\nb: 2\n', /^t\.yaml:.*multiple documents/],
    ['a tag that nobody knows', 'a: !!js/function "x"\n', /^t\.yaml:1:4: .*tag/],
    ['an alias of nothing', 'a: *nothing\n', /^t\.yaml:.*nothing/],
    ['broken syntax', 'a: [1, 2\n', /^t\.yaml:\d+:\d+: /],
    ['a nest without end', `a: ${'['.repeat(100_000)}`, /^t\.yaml/],
  ])('refuses %s', (_what, text, sentence) => {
    expect(faultsOf(text)[0]).toMatch(sentence);
  });

  it('refuses a bomb of aliases before it unfolds', () => {
    const levels = Array.from(
      { length: 12 },
      (_, at) => `l${at + 1}: &l${at + 1} [${Array(9).fill(`*l${at}`).join()}]`,
    );
    expect(faultsOf(['l0: &l0 [lol]', ...levels].join('\n'))).toEqual([
      't.yaml: uses its aliases more than 100 times; write it out',
    ]);
  });
});
