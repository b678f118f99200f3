/** Distinguished names as texts (RFC 4514), and whether two of them are the same name. */

/** One attribute: its object identifier and its value. */
export interface NameAttribute {
  readonly oid: string;
  readonly value: string;
}

/** Most specific part first, as RFC 4514 section 2.1 writes it; a part may have more than one attribute. */
export type DistinguishedName = readonly (readonly NameAttribute[])[];

/** RFC 4514 section 3, RFC 4519, and the names that other tools print. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  cn: '2.5.4.3',
  commonname: '2.5.4.3',
  sn: '2.5.4.4',
  surname: '2.5.4.4',
  serialnumber: '2.5.4.5',
  c: '2.5.4.6',
  countryname: '2.5.4.6',
  l: '2.5.4.7',
  localityname: '2.5.4.7',
  st: '2.5.4.8',
  s: '2.5.4.8',
  stateorprovincename: '2.5.4.8',
  street: '2.5.4.9',
  o: '2.5.4.10',
  organizationname: '2.5.4.10',
  ou: '2.5.4.11',
  organizationalunitname: '2.5.4.11',
  title: '2.5.4.12',
  t: '2.5.4.12',
  businesscategory: '2.5.4.15',
  postalcode: '2.5.4.17',
  givenname: '2.5.4.42',
  gn: '2.5.4.42',
  organizationidentifier: '2.5.4.97',
  uid: '0.9.2342.19200300.100.1.1',
  userid: '0.9.2342.19200300.100.1.1',
  dc: '0.9.2342.19200300.100.1.25',
  domaincomponent: '0.9.2342.19200300.100.1.25',
  emailaddress: '1.2.840.113549.1.9.1',
  email: '1.2.840.113549.1.9.1',
  e: '1.2.840.113549.1.9.1',
};

const TYPE = /\s*(?:([A-Za-z][A-Za-z0-9-]*)|(?:OID\.)?(\d+(?:\.\d+)+))\s*=\s*/iy;
// An escaped character or byte, or a plain one; a blank counts only where more follows.
const VALUE =
  /(?:\\(?:[0-9A-Fa-f]{2}|[ "#+,;<=>\\])|[^\\"+,;<>\s]|[^\S](?=\s*(?:\\(?:[0-9A-Fa-f]{2}|[ "#+,;<=>\\])|[^\\"+,;<>\s])))+/y;
const END = /\s*([,;+]|$)/y;

const oidOf = (name: string | undefined, oid: string | undefined): string | undefined =>
  oid ?? (name === undefined ? undefined : ATTRIBUTES[name.toLowerCase()]);

/** RFC 4514 section 2.4: `\,` is the character, `\C3\A4` are bytes of UTF-8. */
function unescaped(text: string): string {
  const bytes = text.replace(/\\([0-9A-Fa-f]{2})|\\(.)|%/g, (whole, hex?: string, character?: string) => {
    if (hex !== undefined) return `%${hex}`;
    return encodeURIComponent(character ?? whole);
  });
  return decodeURIComponent(bytes);
}

/** Undefined for a text that is not a distinguished name; unknown attribute names and the `#hex` form included. */
export function parseDistinguishedName(text: string): DistinguishedName | undefined {
  const names: NameAttribute[][] = [[]];
  const take = (pattern: RegExp, at: number): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  for (let at = 0; ; ) {
    const type = take(TYPE, at);
    const oid = type ? oidOf(type[1], type[2]) : undefined;
    const value = type && take(VALUE, at + type[0].length);
    const end = value && take(END, value.index + value[0].length);
    if (oid === undefined || !end || value[0].startsWith('#')) return undefined;
    const read = decoded(value[0]);
    if (read === undefined) return undefined;
    names.at(-1)?.push({ oid, value: read });
    if (end[1] === '') return names;
    if (end[1] !== '+') names.push([]);
    at = end.index + end[0].length;
  }
}

function decoded(value: string): string | undefined {
  try {
    return unescaped(value);
  } catch {
    return undefined;
  }
}

const canonical = (name: DistinguishedName): string =>
  JSON.stringify(name.map((part) => part.map(({ oid, value }) => `${oid}=${value}`).toSorted()));

/** The same attributes with the same values in the same order. */
export const sameName = (one: DistinguishedName, other: DistinguishedName): boolean =>
  canonical(one) === canonical(other);
