/**
 * Holds a text against the part of XML 1.0 that is taken here, before a parser sees it: elements, attributes, text, CDATA.
 * It only refuses. What the tree looks like is the parser's word; both have to agree on how much there is (read-xml.ts).
 */
import { XmlFault } from './xml-fault.ts';

const MAX_DEPTH = 64;
const MAX_ELEMENTS = 10_000;
/** The parser searches the whole text once for each new name. */
const MAX_NAMES = 256;
const MAX_ATTRIBUTES = 64;
/** Each of them costs the tree a new list of its neighbours when it becomes text. */
const MAX_CDATA = 64;

/** Without the letters beyond ASCII, whose list differs between the editions of XML 1.0; short enough to be quoted. */
const NAME = '[A-Za-z_][\\w.-]{0,99}(?::[A-Za-z_][\\w.-]{0,99})?';
const SPACE = '[ \\t\\r\\n]';
const START = new RegExp(`<(${NAME})`, 'y');
const ATTRIBUTE = new RegExp(`${SPACE}+(${NAME})${SPACE}*=${SPACE}*("[^<"]*"|'[^<']*')`, 'y');
const START_END = new RegExp(`${SPACE}*(/?)>`, 'y');
const END = new RegExp(`</(${NAME})${SPACE}*>`, 'y');
const REFERENCE = /&[^;&]{0,12};?/g;
const KNOWN_REFERENCE = /^&(?:lt|gt|amp|quot|apos|#x([0-9A-Fa-f]{1,8})|#([0-9]{1,10}));$/;
/** C0 and C1 but tab and line ends, and what XML 1.0 section 2.2 excludes. */
const FORBIDDEN = /[\p{Cc}--[\t\n\r]]|[\ufffe\uffff]/v;

/** How much the text holds. */
export interface Amount {
  readonly elements: number;
  readonly attributes: number;
}

interface Walk {
  readonly text: string;
  readonly open: string[];
  readonly names: Set<string>;
  at: number;
  elements: number;
  attributes: number;
  sections: number;
}

/**
 * @param text without XML declaration.
 * @throws XmlFault at the first thing that is not taken.
 */
export function assertStrict(text: string): Amount {
  if (!text.isWellFormed() || FORBIDDEN.test(text))
    throw new XmlFault('the XML contains a control character or a character that XML does not allow');
  const walk: Walk = { text, open: [], names: new Set(), at: 0, elements: 0, attributes: 0, sections: 0 };
  while (walk.at < text.length) step(walk);
  if (walk.elements === 0) throw new XmlFault('there is no XML element');
  if (walk.open.length > 0) throw new XmlFault(`the element ${walk.open.at(-1)} is not closed`);
  return walk;
}

function step(walk: Walk): void {
  const { text, at } = walk;
  if (text[at] !== '<') takeText(walk);
  else if (text[at + 1] === '/') takeEnd(walk);
  else if (text[at + 1] === '!') takeDeclaration(walk);
  else takeStart(walk);
}

function takeText(walk: Walk): void {
  const next = walk.text.indexOf('<', walk.at);
  const end = next < 0 ? walk.text.length : next;
  const text = walk.text.slice(walk.at, end);
  if (walk.open.length === 0 && /[^ \t\r\n]/.test(text))
    throw new XmlFault('there is text outside the root element');
  if (text.includes(']]>')) throw new XmlFault('the XML is not well-formed: "]]>" outside a CDATA section');
  assertReferences(text);
  walk.at = end;
}

function takeDeclaration(walk: Walk): void {
  const { text, at } = walk;
  if (text.startsWith('<!--', at))
    throw new XmlFault('the XML contains a comment, which is not accepted: it could cut a value in two');
  if (!text.startsWith('<![CDATA[', at))
    throw new XmlFault('the XML contains a document type declaration (DTD), which is not accepted');
  const end = text.indexOf(']]>', at);
  if (end < 0 || walk.open.length === 0)
    throw new XmlFault('the XML is not well-formed: a CDATA section without end or outside the root element');
  if (++walk.sections > MAX_CDATA) throw new XmlFault(`there are more than ${MAX_CDATA} CDATA sections`);
  walk.at = end + ']]>'.length;
}

function takeStart(walk: Walk): void {
  if (walk.text.startsWith('<?', walk.at))
    throw new XmlFault('the XML contains a processing instruction, which is not accepted');
  const name = match(START, walk)?.[1];
  if (name === undefined)
    throw new XmlFault('the XML is not well-formed: "<" is not followed by an element name');
  if (walk.open.length === 0 && walk.elements > 0) throw new XmlFault('there is more than one root element');
  if (++walk.elements > MAX_ELEMENTS) throw new XmlFault(`there are more than ${MAX_ELEMENTS} XML elements`);
  if (walk.names.add(name).size > MAX_NAMES)
    throw new XmlFault(`there are more than ${MAX_NAMES} different element names`);
  walk.attributes += takeAttributes(walk);
  const end = match(START_END, walk);
  if (!end) throw new XmlFault(`the XML is not well-formed: the start tag of ${name} cannot be read`);
  if (end[1] === '') walk.open.push(name);
  if (walk.open.length > MAX_DEPTH)
    throw new XmlFault(`XML elements are nested more than ${MAX_DEPTH} levels deep`);
}

function takeAttributes(walk: Walk): number {
  const seen = new Set<string>();
  for (let found = match(ATTRIBUTE, walk); found; found = match(ATTRIBUTE, walk)) {
    const [, name = '', value = ''] = found;
    if (seen.has(name)) throw new XmlFault(`an element has the attribute ${name} twice`);
    if (seen.add(name).size > MAX_ATTRIBUTES)
      throw new XmlFault(`an element has more than ${MAX_ATTRIBUTES} attributes`);
    assertReferences(value);
  }
  return seen.size;
}

function takeEnd(walk: Walk): void {
  const name = match(END, walk)?.[1];
  const open = walk.open.pop();
  if (name === undefined || name !== open)
    throw new XmlFault(`the XML is not well-formed: expected the end tag of ${open ?? 'nothing'}`);
}

function match(pattern: RegExp, walk: Walk): RegExpExecArray | null {
  pattern.lastIndex = walk.at;
  const found = pattern.exec(walk.text);
  if (found) walk.at = pattern.lastIndex;
  return found;
}

function assertReferences(text: string): void {
  for (const [reference] of text.matchAll(REFERENCE)) {
    const known = KNOWN_REFERENCE.exec(reference);
    if (!known) throw new XmlFault('the XML contains an entity reference other than the five of XML itself');
    const code =
      known[1] === undefined ? known[2] && Number.parseInt(known[2], 10) : Number.parseInt(known[1], 16);
    if (code !== undefined && !isAllowed(Number(code)))
      throw new XmlFault('a character reference names a character that is not accepted');
  }
}

function isAllowed(code: number): boolean {
  if (code > 0x10ffff) return false;
  const character = String.fromCodePoint(code);
  return character.isWellFormed() && !FORBIDDEN.test(character);
}
