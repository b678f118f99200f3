/** Takes a message out of its binding (SAML bindings 3.4, 3.5): the XML, the relay state, and the signature of the query. */
import { inflateRawSync } from 'node:zlib';
import type { Context } from 'koa';
import { invalid } from '../base/errors.ts';
import { readForm } from '../http/form-guard.ts';

export interface IncomingMessage {
  readonly kind: 'SAMLRequest' | 'SAMLResponse';
  readonly binding: 'redirect' | 'post';
  readonly xml: string;
  readonly relayState: string | undefined;
  /** Of a redirect that carries one; over the query exactly as it came. */
  readonly querySignature: QuerySignature | undefined;
}

export interface QuerySignature {
  readonly octets: string;
  /** Base64. */
  readonly signature: string;
  /** URI. */
  readonly algorithm: string;
}

const MAX_XML_BYTES = 256 * 1024;
/** Base64 of it, and the rest of the form. */
const MAX_FORM_BYTES = 512 * 1024;
const MAX_RELAY_STATE = 4096;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** A form makes CR LF of either alone, however it is written (HTML, "convert to a list of name-value pairs"). */
const LONE_LINE_END = /\r(?!\n)|(?<!\r)\n/;
const PARAMETERS = ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg', 'Signature', 'SAMLEncoding'];
const DEFLATE = 'urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE';

/** @throws 400 with the reason where the request carries no message, or not in a way of these bindings. */
export async function readMessage(ctx: Context): Promise<IncomingMessage> {
  return ctx.method === 'POST' ? fromForm(await readForm(ctx, MAX_FORM_BYTES)) : fromQuery(ctx.querystring);
}

type Parameters = ReadonlyMap<string, string>;

/** The message in the fields of a form, whoever read them. @throws 400 */
export function fromForm(fields: ReadonlyMap<string, string>): IncomingMessage {
  const { kind, encoded } = messageOf(fields);
  return {
    kind,
    binding: 'post',
    xml: plainOrInflated(kind, encoded),
    relayState: relayOf(fields),
    querySignature: undefined,
  };
}

export interface RelayedMessage {
  /** Of the AuthnRequest; absent where the sign-in begins here. */
  readonly xml: string | undefined;
  readonly relayState: string | undefined;
}

/**
 * What an application passes on in a query, as it got it by either binding (contract/saml.md 2). A signature of the query is
 * not among it: it would be over another URL.
 * @throws 400
 */
export function readRelayed(query: string): RelayedMessage {
  const fields = plainParameters(rawParameters(query));
  if (fields.has('SAMLResponse')) throw invalid('Send a SAMLRequest, or none to begin without one');
  const encoded = fields.get('SAMLRequest') ?? '';
  return {
    xml: encoded === '' ? undefined : plainOrInflated('SAMLRequest', encoded),
    relayState: relayOf(fields),
  };
}

/** Some deflate it although the binding does not say so. */
function plainOrInflated(kind: IncomingMessage['kind'], encoded: string): string {
  const bytes = decoded(kind, encoded.replace(/\s/g, ''));
  return textOf(kind, looksLikeXml(bytes) ? bytes : inflated(kind, bytes));
}

const plainParameters = (raw: Parameters): Parameters =>
  new Map([...raw].map(([name, value]) => [name, plain(name, value)]));

function fromQuery(query: string): IncomingMessage {
  const rawValues = rawParameters(query);
  const fields = plainParameters(rawValues);
  const { kind, encoded } = messageOf(fields);
  if ((fields.get('SAMLEncoding') ?? DEFLATE) !== DEFLATE)
    throw invalid('SAMLEncoding must be DEFLATE, the one that is known');
  const xml = textOf(kind, inflated(kind, decoded(kind, encoded)));
  return {
    kind,
    binding: 'redirect',
    xml,
    relayState: relayOf(fields),
    querySignature: signatureOf(rawValues, fields),
  };
}

/**
 * Names and values as they stand in the query. A name that is only the same after decoding, or stands there twice, would be
 * signed as one thing and read as another.
 */
function rawParameters(query: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of query.split('&')) {
    const at = part.includes('=') ? part.indexOf('=') : part.length;
    const raw = part.slice(0, at);
    const name = PARAMETERS.find((known) => known.toLowerCase() === decodedName(raw).toLowerCase());
    if (name === undefined) continue;
    if (raw !== name)
      throw invalid(`The query must name ${name} exactly so, not encoded or in other letters`);
    if (found.has(name)) throw invalid(`The query must name ${name} once`);
    found.set(name, part.slice(at + 1));
  }
  return found;
}

function decodedName(raw: string): string {
  try {
    return decodeURIComponent(raw.replaceAll('+', ' '));
  } catch {
    return raw;
  }
}

function plain(name: string, raw: string): string {
  try {
    return decodeURIComponent(raw.replaceAll('+', '%20'));
  } catch {
    throw invalid(`${name} is not percent-encoded UTF-8`);
  }
}

/** SAML bindings 3.4.4.1: the parameters in this order, each exactly as it was sent. */
function signatureOf(raw: Parameters, fields: Parameters): QuerySignature | undefined {
  const signature = fields.get('Signature');
  const algorithm = fields.get('SigAlg');
  if (signature === undefined && algorithm === undefined) return undefined;
  if (signature === undefined || algorithm === undefined)
    throw invalid('Signature and SigAlg belong together; the query has one of them');
  const octets = ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg']
    .filter((name) => raw.has(name))
    .map((name) => `${name}=${raw.get(name)}`)
    .join('&');
  return { octets, signature: signature.replace(/\s/g, ''), algorithm };
}

function messageOf(fields: Parameters): { kind: IncomingMessage['kind']; encoded: string } {
  const request = fields.get('SAMLRequest');
  const response = fields.get('SAMLResponse');
  if ((request === undefined) === (response === undefined))
    throw invalid('Send one of SAMLRequest and SAMLResponse');
  return request === undefined
    ? { kind: 'SAMLResponse', encoded: response ?? '' }
    : { kind: 'SAMLRequest', encoded: request };
}

const relayOf = (fields: Parameters): string | undefined => relayStateOf(fields.get('RelayState'));

/** A relay state that can go back byte for byte. @throws 400 for one that is too long or no text */
export function relayStateOf(relayState: string | undefined): string | undefined {
  if (relayState === undefined) return undefined;
  if (Buffer.byteLength(relayState) > MAX_RELAY_STATE || /[\0\uFFFD]|\p{Surrogate}/u.test(relayState))
    throw invalid(`RelayState must be text of at most ${MAX_RELAY_STATE} bytes`);
  if (LONE_LINE_END.test(relayState))
    throw invalid(
      'RelayState has a line end that no browser would post as it is: use CR and LF together, or none',
    );
  return relayState;
}

function decoded(kind: string, text: string): Buffer {
  if (text.length > (MAX_XML_BYTES * 4) / 3 + 4)
    throw invalid(`${kind} is larger than ${MAX_XML_BYTES} bytes`);
  if (!BASE64.test(text)) throw invalid(`${kind} is not base64`);
  return Buffer.from(text, 'base64');
}

const looksLikeXml = (bytes: Buffer): boolean => /^\uFEFF?\s*</.test(bytes.subarray(0, 64).toString('utf8'));

/** Never more than the limit, whatever it was packed from. */
function inflated(kind: string, bytes: Buffer): Buffer {
  try {
    return inflateRawSync(bytes, { maxOutputLength: MAX_XML_BYTES });
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw invalid(
      isTooLarge
        ? `${kind} is larger than ${MAX_XML_BYTES} bytes`
        : `${kind} is not deflated as the binding says`,
    );
  }
}

function textOf(kind: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid(`${kind} is not UTF-8`);
  }
}
