/** Lists where our OpenAPI document and the published one say different things about the operations that both have. */
import { outerPath } from '../../src/admin/openapi-document.ts';

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly readOnly?: boolean;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}
type Content = { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> };
interface Operation {
  readonly operationId?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Member {
  readonly required: boolean;
  readonly values: readonly string[];
  /** A body may repeat it, without effect. */
  readonly isShownOnly?: boolean;
}
/** By their way from the top: `result.name`, `clients[].name`. */
type Members = ReadonlyMap<string, Member>;

const MAX_DEPTH = 6;

/** Every member of a schema, at any depth. One that only some alternatives have is not required. */
function membersOf(schema: Schema | undefined, document: Document, depth = 0): Map<string, Member> {
  const found = new Map<string, Member>();
  if (!schema || depth > MAX_DEPTH) return found;
  const resolved = schema.$ref ? document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] : schema;
  if (schema.$ref) return membersOf(resolved, document, depth);
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    found.set(name, {
      required: schema.required?.includes(name) ?? false,
      values: valuesOf(member, document),
      isShownOnly: member.readOnly === true,
    });
    for (const [inner, value] of membersOf(member, document, depth + 1)) found.set(`${name}.${inner}`, value);
  }
  for (const [inner, value] of membersOf(schema.items, document, depth)) found.set(`[].${inner}`, value);
  for (const part of schema.allOf ?? [])
    for (const [name, value] of membersOf(part, document, depth)) found.set(name, value);
  mergeAlternatives(found, [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])], document, depth);
  return found;
}

function mergeAlternatives(
  found: Map<string, Member>,
  parts: readonly Schema[],
  document: Document,
  depth: number,
): void {
  const alternatives = parts.filter((part) => (part as { type?: string }).type !== 'null');
  const all = alternatives.map((part) => membersOf(part, document, depth));
  for (const name of new Set(all.flatMap((members) => [...members.keys()]))) {
    const same = all.map((members) => members.get(name));
    const values = [...new Set(same.flatMap((member) => member?.values ?? []))].sort();
    found.set(name, { required: same.every((member) => member?.required === true), values });
  }
}

function valuesOf(schema: Schema, document: Document): string[] {
  if (schema.$ref) {
    const named = document.components.schemas[schema.$ref.split('/').at(-1) ?? ''];
    return named ? valuesOf(named, document) : [];
  }
  const parts = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const own = schema.const === undefined ? (schema.enum ?? []) : [schema.const];
  const values = [...own.filter((value) => value !== null).map(String)];
  if (schema.items) values.push(...valuesOf(schema.items, document));
  return [...new Set([...values, ...parts.flatMap((part) => valuesOf(part, document))])].sort();
}

const schemaOf = (part: Content | undefined): Schema | undefined =>
  Object.values(part?.content ?? {})[0]?.schema;
const successOf = ({ responses }: Operation): string =>
  Object.keys(responses).find((status) => status.startsWith('2')) ?? 'none';
const withoutNames = (path: string): string => path.replace(/\{\w+\}/g, '{}');

/** What an answer wraps goes by its own names, so that one object reads the same wherever it is answered. */
const withoutWrapper = (sentence: string): string =>
  sentence.replace(/^answer member (result\.)?(\[\]\.)?/, 'answer member ');

/** Our operation for a published one; parameters may have other names there. */
function ownOperation(ours: Document, path: string, method: string): [string, Operation] | undefined {
  const own = Object.keys(ours.paths).find(
    (candidate) => withoutNames(candidate) === withoutNames(path) && ours.paths[candidate]?.[method],
  );
  const operation = own === undefined ? undefined : ours.paths[own]?.[method];
  return own === undefined || operation === undefined ? undefined : [own, operation];
}

/** One difference, however many members it is about. */
const TAKES_BACK = 'takes back what only answers have';

/** How two lists of members differ, each difference a sentence that begins with `what`. */
function memberDifferences(what: string, published: Members, own: Members, isAnswer: boolean): string[] {
  const sentences: string[] = [];
  const isBelowAMissingOne = (name: string, side: Members): boolean => {
    const parent = name.slice(0, Math.max(0, name.lastIndexOf('.'))).replace(/(\.?\[\])+$/, '');
    return parent !== '' && (!side.has(parent) || isBelowAMissingOne(parent, side));
  };
  for (const [name, { required, values }] of published) {
    const member = own.get(name);
    if (!member && isBelowAMissingOne(name, own)) continue;
    if (!member) sentences.push(`${what} ${name} is missing`);
    else if (required && !member.required) sentences.push(`${what} ${name} is not required`);
    else if (!required && member.required && !isAnswer) sentences.push(`${what} ${name} is required`);
    if (member && String(values) !== String(member.values))
      sentences.push(`${what} ${name} has the values [${member.values}], published [${values}]`);
  }
  // An answer may have more members than are published.
  if (isAnswer) return sentences;
  const extra = [...own].filter(([name]) => !published.has(name) && !isBelowAMissingOne(name, published));
  if (extra.some(([, member]) => member.isShownOnly)) sentences.push(TAKES_BACK);
  for (const [name, member] of extra) if (!member.isShownOnly) sentences.push(`${what} ${name} is ours`);
  return sentences;
}

function parametersOf(operation: Operation, document: Document, place: string): Members {
  const wanted = (operation.parameters ?? []).filter((parameter) => parameter.in === place);
  return new Map(
    wanted.map(({ name, required = false, schema }) => [
      name,
      { required, values: valuesOf(schema, document) },
    ]),
  );
}

interface Pair {
  readonly published: Document;
  readonly ours: Document;
}

function operationDifferences(pair: Pair, path: string, method: string, operation: Operation): string[] {
  const found = ownOperation(pair.ours, path, method);
  if (!found) return ['is not served'];
  const [ownPath, own] = found;
  const [status, ownStatus] = [successOf(operation), successOf(own)];
  const sides = <Part>(part: (operation: Operation, document: Document) => Part): [Part, Part] => [
    part(operation, pair.published),
    part(own, pair.ours),
  ];
  const body = sides((side, document) => membersOf(schemaOf(side.requestBody), document));
  const answer = sides((side, document) => membersOf(schemaOf(side.responses[successOf(side)]), document));
  const query = sides((side, document) => parametersOf(side, document, 'query'));
  return [
    ...(ownPath === path ? [] : [`has the path ${ownPath}`]),
    ...(own.operationId === operation.operationId ? [] : [`is called ${own.operationId}`]),
    ...(status === ownStatus ? [] : [`answers ${ownStatus}, published ${status}`]),
    ...memberDifferences('query parameter', ...query, false),
    ...memberDifferences('body member', ...body, false),
    ...memberDifferences('answer member', ...answer, true).map(withoutWrapper),
  ];
}

/** One sentence for each difference, `operationId: …`. `isUndescribed` names rows that the document leaves out for now. */
export function differences(
  pair: Pair,
  undescribed: readonly { method: string; path: string }[] = [],
): string[] {
  const left = undescribed.map(({ method, path }) => `${method} ${withoutNames(outerPath(path))}`);
  return Object.entries(pair.published.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => !left.includes(`${method} ${withoutNames(path)}`))
      .flatMap(([method, operation]) =>
        operationDifferences(pair, path, method, operation).map(
          (sentence) => `${operation.operationId ?? `${method} ${path}`}: ${sentence}`,
        ),
      ),
  );
}
