/** The OpenAPI 3.1 document, made from the rows that the server itself is built from. */

import type { OpenRow, Operation, Row, TokenKind } from '../http/route.ts';
import { ABOUT } from './openapi-about.ts';
import { problemResponses, problemSchemas, problemsOf } from './openapi-problems.ts';
import { type Json, type SchemaBook, schemaBook } from './openapi-schema.ts';

/** What the document says about a row; `handle` is not its business. */
export type Described = Omit<Row, 'handle' | 'tokens'> & Pick<Row | OpenRow, 'tokens'>;
type Documented = Described & { readonly operation: Operation };

export interface OpenapiDocument {
  readonly openapi: '3.1.1';
  readonly info: Json;
  readonly servers: readonly Json[];
  readonly tags: readonly Json[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: Readonly<
    Record<'schemas' | 'responses' | 'securitySchemes', Readonly<Record<string, Json>>>
  >;
}

const bearer = (description: string): Json => ({
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description,
});

/** Names as in contract/openapi.json. */
const SCHEMES: Readonly<Record<TokenKind, readonly [name: string, scheme: Json]>> = {
  client: [
    'ClientAccessToken',
    bearer('A `client_credentials` token of an end-user application. It reaches that application.'),
  ],
  admin: [
    'AdminAccessToken',
    bearer('A `client_credentials` token of a management application. It reaches the whole tenant.'),
  ],
  user: ['UserAccessToken', bearer('The access token of a user who signed in. It reaches that user.')],
};

/** Rows without an `operation` are left out. */
export function openapiDocument(rows: readonly Described[], version: string): OpenapiDocument {
  const documented = rows.filter((row): row is Documented => row.operation !== undefined);
  const book = schemaBook(documented.map((row) => row.operation));
  return {
    openapi: '3.1.1',
    info: { title: 'Tessera API reference', version, description: ABOUT },
    servers: [{ url: '/' }, { url: '/cis' }],
    tags: [...new Set(documented.map((row) => row.operation.tag))].map((name) => ({ name })),
    paths: pathsOf(documented, book),
    components: {
      schemas: { ...problemSchemas, ...book.components },
      responses: problemResponses,
      securitySchemes: Object.fromEntries(Object.values(SCHEMES)),
    },
  };
}

/** `/v1/clients/:clientId` as OpenAPI writes it: `/v1/clients/{clientId}`. */
export const outerPath = (path: string): string => path.replace(/:(\w+)/g, '{$1}');

function pathsOf(rows: readonly Documented[], book: SchemaBook): OpenapiDocument['paths'] {
  const ofPath = Map.groupBy(rows, (row) => row.path);
  return Object.fromEntries(
    [...ofPath].map(([path, same]) => [
      outerPath(path),
      Object.fromEntries(same.map((row) => [row.method, operationOf(row, isVersioned(row, same), book)])),
    ]),
  );
}

/** One object that is read and then written over: it has a version (`ETag`, `If-Match`). */
function isVersioned({ method, path, operation }: Described, same: readonly Described[]): boolean {
  if (operation?.versioned) return true;
  const has = (wanted: Row['method']): boolean => same.some((row) => row.method === wanted);
  return /\/(:\w+|me)$/.test(path) && method !== 'post' && has('get') && has('put');
}

function operationOf(row: Documented, versioned: boolean, book: SchemaBook): Json {
  const { id, summary, tag, body } = row.operation;
  return {
    operationId: id,
    summary,
    tags: [tag],
    description: mayCall(row),
    parameters: [...pathParameters(row), ...queryParameters(row, book), ...(versioned ? ifMatch(row) : [])],
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: book.bodyOf(body) } } },
    }),
    responses: { [row.status]: success(row, versioned, book), ...problemsOf(row, versioned) },
    security: kindsOf(row).map((kind) => ({ [SCHEMES[kind][0]]: [] })),
    'x-permissions': row.permissions,
  };
}

const kindsOf = ({ tokens }: Described): readonly TokenKind[] => (tokens === 'none' ? [] : tokens);

function mayCall({ tokens, permissions }: Described): string {
  if (tokens === 'none') return 'Anybody may call it: no token.';
  const kinds = `Token: ${tokens.join(' or ')}.`;
  // Nobody else is asked for permissions (D15).
  if (permissions.length === 0 || !tokens.includes('client')) return kinds;
  const words = permissions.map((word) => `\`${word}\``).join(', ');
  return `${kinds}\n\nA client with roles needs ${permissions.length > 1 ? 'one of ' : ''}${words}.`;
}

const pathParameters = ({ path }: Described): Json[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

function queryParameters({ operation: { query } }: Documented, book: SchemaBook): Json[] {
  if (!query) return [];
  const { properties, required } = book.queryOf(query);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

const ifMatch = ({ method }: Described): Json[] =>
  method === 'get'
    ? []
    : [
        {
          name: 'If-Match',
          in: 'header',
          required: false,
          description: 'The `ETag` that was read: nothing is written if the object has changed since.',
          schema: { type: 'string' },
        },
      ];

const ETAG = {
  ETag: { description: 'Version of the object, for a later `If-Match`.', schema: { type: 'string' } },
};

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  204: 'Done; no body.',
  302: 'The browser goes on to the address in `Location`.',
};

function success(
  { method, status, operation: { answer } }: Documented,
  versioned: boolean,
  book: SchemaBook,
): Json {
  return {
    description: DESCRIPTIONS[status] ?? 'Done.',
    ...(versioned && method !== 'delete' && { headers: ETAG }),
    ...(answer && { content: { 'application/json': { schema: book.answerOf(answer) } } }),
  };
}
