/** Holds answers of the management API against the published shapes in test/contracts/openapi.json. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { Answer, Api } from './management.ts';

interface Operation {
  readonly operationId?: string;
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema: object }> }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: object };
}
interface Found {
  /** As published: `/v1/applications/{appId}`. */
  readonly path: string;
  readonly operation: Operation;
}

/** The form of C2's exception: both members are texts. The document writes it out at each operation. */
const TEXT_ERROR = 'TextError';

/** Answers that management-api.md writes down and the published document leaves out. */
const WRITTEN_ELSEWHERE: Readonly<Record<string, string>> = {
  'POST /v1/users/me/password-credentials 400': TEXT_ERROR,
  'PUT /v1/users/{user_id} 409': 'IdentifierIsTakenHttpError',
  'PUT /v1/applications/{appId} 409': 'IdentifierIsTakenHttpError',
  'PUT /v1/applications/{appId}/clients/{clientId} 409': 'IdentifierIsTakenHttpError',
  'PUT /v1/applications/{appId}/clients/{clientId}/resources 400': 'BadRequestHttpError',
  'PUT /v1/applications/{appId}/resources 400': 'BadRequestHttpError',
  'POST /v1/organizations/{organization_id}/logo 400': 'BadRequestHttpError',
  'POST /v1/organizations/{organization_id}/applications/{app_id}/managed-organizations 400':
    'BadRequestHttpError',
  'POST /v1/applications/{app_id}/organizations/{organization_id}/role-groups/set 400': 'BadRequestHttpError',
  'POST /v1/applications/{app_id}/organizations/{organization_id}/roles-and-groups/set 400':
    'BadRequestHttpError',
  'PUT /v1/organizations/{organization_id} 409': 'IdentifierIsTakenHttpError',
  'POST /v1/users/{user_id}/emails/{email}/verify 400': 'BadRequestHttpError',
  'POST /v1/users/{user_id}/emails/{email}/verify 409': 'IdentifierIsTakenHttpError',
  'POST /v1/users/{user_id}/phone-numbers/{phone_number}/verify 400': 'BadRequestHttpError',
  'POST /v1/users/{user_id}/phone-numbers/{phone_number}/verify 409': 'IdentifierIsTakenHttpError',
};

const document = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'contracts', 'openapi.json'), 'utf8'),
) as Document;

// OpenAPI 3.0 writes JSON Schema with `nullable`, which ajv knows; its other words are annotations.
const ajv = new Ajv({ allErrors: true, strict: false });
formats.default(ajv);
const texts = { message: { type: 'string' }, error_code: { type: 'string' } };
const textError = { type: 'object', properties: texts, required: Object.keys(texts) };
const schemas = { ...document.components.schemas, [TEXT_ERROR]: textError };
ajv.addSchema({ $id: 'openapi', components: { ...document.components, schemas } });

const segments = (path: string): string[] => path.split('/').slice(1);
const parametersIn = (path: string): number => segments(path).filter((part) => part.startsWith('{')).length;

function matches(published: string, path: string): boolean {
  const [wanted, given] = [segments(published), segments(path)];
  return (
    wanted.length === given.length &&
    wanted.every((part, at) => (part.startsWith('{') ? given[at] !== '' : part === given[at]))
  );
}

/** The documented path that a request meets; one without parameters wins over one with them. */
export function pathOf(
  paths: Readonly<Record<string, object>>,
  method: string,
  target: string,
): string | undefined {
  const path = (target.split('?', 1)[0] ?? target).replace(/^\/cis(?=\/)/, '');
  const [best] = Object.keys(paths)
    .filter((documented) => matches(documented, path))
    .filter((documented) => method.toLowerCase() in (paths[documented] ?? {}))
    .sort((a, b) => parametersIn(a) - parametersIn(b));
  return best;
}

/** The published operation that a request meets. */
export function operationOf(method: string, target: string): Found | undefined {
  const best = pathOf(document.paths, method, target);
  const operation = best === undefined ? undefined : document.paths[best]?.[method.toLowerCase()];
  return best === undefined || operation === undefined ? undefined : { path: best, operation };
}

const references = new Map<string, object>();

function referenceTo(shape: string): object {
  const made = references.get(shape) ?? { $ref: `#/components/schemas/${shape}` };
  references.set(shape, made);
  return made;
}

const validators = new Map<object, ValidateFunction>();

function validatorOf(schema: object): ValidateFunction {
  const known = validators.get(schema);
  if (known) return known;
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"openapi#/components/');
  const made = ajv.compile(JSON.parse(text));
  validators.set(schema, made);
  return made;
}

/** What is wrong with this answer, one sentence each; `unpublished` where the document does not know the route. */
export function answerFaults(method: string, target: string, answer: Answer): string[] | 'unpublished' {
  const found = operationOf(method, target);
  if (!found) return 'unpublished';
  const name = `${method} ${found.path} (${found.operation.operationId ?? '-'})`;
  const shape = WRITTEN_ELSEWHERE[`${method} ${found.path} ${answer.status}`];
  const response = found.operation.responses[String(answer.status)];
  if (!response && !shape) return [`${name} answered ${answer.status}, which is not published`];
  const schema = shape ? referenceTo(shape) : Object.values(response?.content ?? {})[0]?.schema;
  if (!schema)
    return answer.status === 204 && answer.body !== undefined ? [`${name} answered 204 with a body`] : [];
  const validate = validatorOf(schema);
  if (validate(answer.body)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${name} ${answer.status}: ${instancePath || 'the body'} ${message} ${JSON.stringify(params)}`,
  );
}

/** What is wrong with a value that should have this published shape, one sentence each. */
export function shapeFaults(shape: string, value: unknown): string[] {
  const validate = validatorOf(referenceTo(shape));
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Everything that was asked through `checked`, as `METHOD /published/{path} status`. */
export type Seen = Set<string>;

/**
 * The same API, but every answer of a published route is held against its shape.
 * @throws Error naming every difference, with the body.
 */
export function checked(api: Api, seen: Seen = new Set()): Api {
  const check = (method: string, path: string, answer: Answer): Answer => {
    const faults = answerFaults(method, path, answer);
    if (faults === 'unpublished') return answer;
    seen.add(`${method} ${operationOf(method, path)?.path} ${answer.status}`);
    if (faults.length > 0) throw new Error(`${faults.join('\n')}\n${JSON.stringify(answer.body)}`);
    return answer;
  };
  return {
    get: async (path) => check('GET', path, await api.get(path)),
    post: async (path, body) => check('POST', path, await api.post(path, body)),
    put: async (path, body) => check('PUT', path, await api.put(path, body)),
    delete: async (path, body) => check('DELETE', path, await api.delete(path, body)),
  };
}

type Schema = { $ref?: string; allOf?: Schema[]; anyOf?: Schema[]; oneOf?: Schema[]; properties?: object };

function membersOf(schema: Schema | undefined): Record<string, Schema> {
  if (!schema) return {};
  const named = schema.$ref?.split('/').at(-1);
  const found = named && (document.components.schemas as Record<string, Schema>)[named];
  const parts = [
    found || undefined,
    ...(schema.allOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
  ];
  return Object.assign({}, schema.properties, ...parts.map(membersOf)) as Record<string, Schema>;
}

/** Names of the body's published fields, those of its objects as `object.member`. */
export function bodyFieldsOf(method: string, target: string): string[] {
  const operation = operationOf(method, target)?.operation as
    | { requestBody?: { content?: Record<string, { schema?: Schema }> } }
    | undefined;
  const fields = membersOf(Object.values(operation?.requestBody?.content ?? {})[0]?.schema);
  return Object.entries(fields).flatMap(([name, schema]) => [
    name,
    ...Object.keys(membersOf(schema)).map((member) => `${name}.${member}`),
  ]);
}
