/** Holds the names of a parsed tree against Namespaces in XML 1.0: what two readers could bind differently is refused. */
import { XmlFault } from './xml-fault.ts';

export const XMLNS = 'http://www.w3.org/2000/xmlns/';
const XML = 'http://www.w3.org/XML/1998/namespace';
/** In this one the parser reads other rules than XML's (void elements, raw text). */
const HTML = 'http://www.w3.org/1999/xhtml';
/** Absolute, as libxml2 wants it, and free of what a canonical form would have to escape. */
const NAMESPACE_NAME = /^[A-Za-z][A-Za-z0-9+.-]*:(?:[\w!$()*+,./:;=?@~#-]|%[0-9A-Fa-f]{2})+$/;
/** Every element with declarations copies what is in scope. */
const MAX_SCOPE = 64;
const RESERVED = /^xml/i;

/** Prefix to namespace name; '' is the default namespace. */
export type Scope = ReadonlyMap<string, string>;
export const OUTERMOST: Scope = new Map([
  ['xml', XML],
  ['', ''],
]);

const prefixOf = (name: string): string => (name.includes(':') ? name.slice(0, name.indexOf(':')) : '');
export const isDeclaration = (attribute: Attr): boolean =>
  attribute.name === 'xmlns' || attribute.name.startsWith('xmlns:');

/**
 * @returns what is in scope for the children of `element`.
 * @throws XmlFault where a name is not bound, bound against the rules, or bound otherwise than the parser said.
 */
export function scopeOf(element: Element, outer: Scope): Scope {
  const attributes = [...Array(element.attributes.length).keys()].flatMap(
    (at) => element.attributes.item(at) ?? [],
  );
  const declarations = attributes.filter(isDeclaration);
  const scope = declarations.length === 0 ? outer : new Map([...outer, ...declarations.map(bindingOf)]);
  if (scope.size > MAX_SCOPE) throw new XmlFault(`there are more than ${MAX_SCOPE} prefixes for namespaces`);
  assertBound(element.tagName, element.namespaceURI, scope);
  // The canonical forms of the two libraries differ here, and no element of anybody's is called so.
  if (RESERVED.test(element.tagName))
    throw new XmlFault('an element has a name that is reserved for XML itself');
  if (element.namespaceURI === HTML) throw new XmlFault('the XML contains HTML, which is not accepted');
  assertAttributes(
    attributes.filter((attribute) => !isDeclaration(attribute)),
    scope,
  );
  return scope;
}

function bindingOf({ name, value }: Attr): [string, string] {
  const prefix = name === 'xmlns' ? '' : name.slice('xmlns:'.length);
  if (RESERVED.test(prefix) || [XML, XMLNS].includes(value))
    throw new XmlFault('the XML declares a namespace or prefix that is reserved for XML itself');
  if (prefix === '' && value === '') return ['', ''];
  if (!NAMESPACE_NAME.test(value))
    throw new XmlFault(`the namespace of the prefix "${prefix}" is not an absolute URI`);
  return [prefix, value];
}

function assertBound(name: string, said: string | null | undefined, scope: Scope): void {
  const prefix = prefixOf(name);
  const bound = scope.get(prefix);
  if (bound === undefined) throw new XmlFault(`the prefix ${prefix} is not declared`);
  if ((said ?? '') !== bound) throw new XmlFault(`the namespace of ${name} is not clear`);
}

function assertAttributes(attributes: readonly Attr[], scope: Scope): void {
  const names = new Set<string>();
  for (const attribute of attributes) {
    const prefix = prefixOf(attribute.name);
    if (prefix !== 'xml' && RESERVED.test(attribute.name))
      throw new XmlFault('an attribute has a name that is reserved for XML itself');
    if (prefix !== '') assertBound(attribute.name, attribute.namespaceURI, scope);
    names.add(`{${prefix === '' ? '' : scope.get(prefix)}}${attribute.localName}`);
  }
  if (names.size < attributes.length) throw new XmlFault('an element has the same attribute twice');
}
