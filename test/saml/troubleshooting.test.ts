/** Every sentence with which a SAML message is refused is explained in docs/saml.md, "When it does not work". */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'src/saml');
/** What applications get as JSON is told in the management API. */
const APART = /^legacy-/;
const LITERAL = /'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g;

/** The arguments of each call, and the constants that stand for them. */
function callsIn(source: string): string[] {
  const constants = new Map(
    [...source.matchAll(/^const ([A-Z_]+) =\s*('[^']*')/gm)].map(([, name, text]) => [name, text]),
  );
  return [...source.matchAll(/\b(?:invalid|new SignatureFault)\(/g)].map(({ index, 0: call }) => {
    const begin = index + call.length;
    let [at, depth] = [begin, 1];
    for (; depth > 0; at++) depth += { '(': 1, ')': -1 }[source[at] ?? ')'] ?? 0;
    const text = source.slice(begin, at - 1);
    return constants.get(text.trim()) ?? text;
  });
}

/** What is filled in is an ellipsis, as in the document. */
const sentencesIn = (call: string): string[] =>
  [...call.matchAll(LITERAL)]
    .map(([, plain = '', template = '']) =>
      (plain || template).replace(/\$\{[^}]*(?:\([^)]*\))?[^}]*\}/g, '...'),
    )
    .filter((text) => text.split(' ').length > 2);

const sentences = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.ts') && !APART.test(name))
  .flatMap((name) => callsIn(readFileSync(join(FOLDER, name), 'utf8')))
  .flatMap(sentencesIn)
  // Its end is a sentence of src/xml.
  .filter((text) => text !== 'The SAML message was refused: ...');

const [, table = ''] =
  /\| the page says \|.*\n\|[-|]+\|\n((?:\|.*\n)+)/.exec(readFileSync(join(ROOT, 'docs/saml.md'), 'utf8')) ??
  [];
const phrases = table
  .split('\n')
  .flatMap((row) => (row.split('|')[1] ?? '').split(' / '))
  .map((phrase) => phrase.trim().replaceAll('`', ''))
  .filter((phrase) => phrase !== '');
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const patterns = phrases.map((phrase) => new RegExp(phrase.split('...').map(escaped).join('.*')));

describe('troubleshooting of SAML (docs/saml.md)', () => {
  it('finds the sentences and the table at all', () => {
    expect(sentences.length).toBeGreaterThan(45);
    expect(sentences).toContain('The request is too old: go back to the application and start there again');
    expect(phrases.length).toBeGreaterThan(30);
  });

  it('has a row for every sentence', () => {
    expect(sentences.filter((sentence) => !patterns.some((pattern) => pattern.test(sentence)))).toEqual([]);
  });
});
