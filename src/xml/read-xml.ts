/** Reads XML that somebody else wrote: a root element, or a fault that says why not. No DTD, no entities, no comments. */
import { DOMParser, XMLSerializer } from '@xmldom/xmldom';
import { isDeclaration, OUTERMOST, type Scope, scopeOf, XMLNS } from './namespaces.ts';
import { type Amount, assertStrict } from './strict-grammar.ts';
import { XmlFault } from './xml-fault.ts';

export { XmlFault };

const MAX_BYTES = 256 * 1024;
/** UTF-8 or none: the text has been decoded, and by nothing else. */
const DECLARATION =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.0"|'1\.0')(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"[Uu][Tt][Ff]-8"|'[Uu][Tt][Ff]-8'))?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>/;
const ID_NAMES = ['ID', 'Id', 'id'];
/** Characters that a parser would turn into a line feed if they stood there as they are (XML 1.0 and 1.1, section 2.11). */
const LINE_ENDS = /[\r\u0085\u2028]/g;

/** DOM level 1, `nodeType`. */
const [ELEMENT, TEXT, CDATA] = [1, 3, 4];

// The one place where a node becomes what its nodeType says that it is.
const isElement = (node: Node): node is Element => node.nodeType === ELEMENT;
const isText = (node: Node): node is Text => node.nodeType === TEXT;
const isCData = (node: Node): node is CDATASection => node.nodeType === CDATA;

/**
 * The root element of `text`. Text and attributes are as XML 1.0 reads them; CDATA sections have become text.
 * @throws XmlFault with a sentence that may be shown.
 */
export function readXml(text: string): Element {
  if (text.length > MAX_BYTES || Buffer.byteLength(text) > MAX_BYTES)
    throw new XmlFault(`the XML is longer than ${MAX_BYTES / 1024} KiB`);
  const body = text.replace(/^\uFEFF/, '').replace(DECLARATION, '');
  const amount = assertStrict(body);
  const root = parse(body);
  const seen = { elements: 0, attributes: 0, ids: new Set<string>() };
  inspect(root, OUTERMOST, seen);
  root.normalize();
  assertSame(amount, seen);
  return root;
}

function parse(text: string): Element {
  const refuse = (): never => {
    throw new XmlFault('the XML is not well-formed');
  };
  const options = {
    errorHandler: { warning: refuse, error: refuse, fatalError: refuse },
    // XML 1.0 section 2.11; the parser's own way is that of XML 1.1, which reads U+2028 as a line end, too.
    normalizeLineEndings: (raw: string): string => raw.replace(/\r\n?/g, '\n'),
  };
  const document = new DOMParser(options).parseFromString(text, 'text/xml');
  const root: Element | null = document.documentElement;
  if (!root) throw new XmlFault('there is no XML element');
  return root;
}

/** Walks the tree once; nesting has been limited before. */
function inspect(
  element: Element,
  outer: Scope,
  seen: { elements: number; attributes: number; ids: Set<string> },
): void {
  const scope = scopeOf(element, outer);
  seen.elements += 1;
  seen.attributes += element.attributes.length;
  for (const attribute of attributesOf(element)) {
    if (!ID_NAMES.includes(attribute.localName)) continue;
    if (seen.ids.has(attribute.value)) throw new XmlFault('two XML elements have the same ID');
    seen.ids.add(attribute.value);
  }
  for (const node of nodesOf(element)) {
    if (isElement(node)) inspect(node, scope, seen);
    else if (isCData(node)) asText(node);
    else if (!isText(node)) throw new XmlFault('the XML contains something that is neither element nor text');
  }
}

function asText(section: CDATASection): void {
  section.parentNode?.replaceChild(section.ownerDocument.createTextNode(section.data), section);
}

function assertSame(counted: Amount, parsed: Amount): void {
  if (counted.elements !== parsed.elements || counted.attributes !== parsed.attributes)
    throw new XmlFault('the XML can be read in two ways');
}

function nodesOf(element: Element): Node[] {
  const nodes: Node[] = [];
  for (let node: Node | null = element.firstChild; node; node = node.nextSibling) nodes.push(node);
  return nodes;
}

function attributesOf(element: Element): Attr[] {
  return [...Array(element.attributes.length).keys()].flatMap((at) => element.attributes.item(at) ?? []);
}

/** Every child element, in order. */
export const elementsOf = (element: Element): Element[] => nodesOf(element).filter(isElement);

/**
 * The same, of an element that may have nothing but elements in it.
 * @throws XmlFault where there is text between them.
 */
export function onlyElementsOf(element: Element): Element[] {
  if (nodesOf(element).some((node) => isText(node) && /[^ \t\r\n]/.test(node.data)))
    throw new XmlFault(`${element.localName} contains text: only elements were expected`);
  return elementsOf(element);
}

/** The child elements (not deeper) of that name. */
export const childrenOf = (element: Element, namespace: string, localName: string): Element[] =>
  elementsOf(element).filter((child) => child.namespaceURI === namespace && child.localName === localName);

/** @throws XmlFault where there are two. */
export function childOf(element: Element, namespace: string, localName: string): Element | undefined {
  const found = childrenOf(element, namespace, localName);
  if (found.length > 1)
    throw new XmlFault(`${element.localName} has ${found.length} elements ${localName}: one was expected`);
  return found[0];
}

/**
 * The text of an element as it stands, not trimmed.
 * @throws XmlFault where there are elements in it.
 */
export function textOf(element: Element): string {
  if (elementsOf(element).length > 0)
    throw new XmlFault(`${element.localName} contains elements: only text was expected`);
  return nodesOf(element)
    .filter(isText)
    .map((node) => node.data)
    .join('');
}

/** An attribute without namespace. */
export function attributeOf(element: Element, name: string): string | undefined {
  if (name.includes(':')) return undefined;
  return attributesOf(element).find((attribute) => attribute.name === name && !isDeclaration(attribute))
    ?.value;
}

/** The element as a document of its own: namespaces that it has from around it are declared on it. */
export function elementText(element: Element): string {
  const around = ancestorsOf(element);
  const alone = around.length === 0 ? element : element.cloneNode(true);
  if (isElement(alone)) for (const one of around) declareOn(alone, attributesOf(one).filter(isDeclaration));
  return keepingLineEnds(
    new XMLSerializer().serializeToString(alone, false, undefined, { requireWellFormed: true }),
  );
}

/** The nearest first. */
function ancestorsOf(element: Element): Element[] {
  const ancestors: Element[] = [];
  for (let node = element.parentNode; node && isElement(node); node = node.parentNode) ancestors.push(node);
  return ancestors;
}

/** Serialized XML (without CDATA) such that every parser reads the same line ends from it. */
export const keepingLineEnds = (xml: string): string =>
  xml.replace(LINE_ENDS, (end) => `&#x${end.charCodeAt(0).toString(16).toUpperCase()};`);

function declareOn(element: Element, declarations: readonly Attr[]): void {
  for (const { name, value } of declarations)
    if (!element.hasAttribute(name)) element.setAttributeNS(XMLNS, name, value);
}
