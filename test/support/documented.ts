/** Our own OpenAPI document, and the check that the running server answers as it says. */

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { openapiDocument } from '../../src/admin/openapi-document.ts';
import { LEGACY_SIGN_ON } from '../../src/saml/legacy-sign-on-schema.ts';
import type { Answer } from './management.ts';
import { pathOf } from './openapi.ts';
import { authRows, managementRows } from './routes.ts';

export const documentedRows = [...managementRows, ...authRows, LEGACY_SIGN_ON];
export const ownDocument = openapiDocument(documentedRows, 'test');

interface Success {
  readonly headers?: { readonly ETag?: object };
  readonly content?: { readonly 'application/json': { readonly schema: object } };
}

const ID = 'ours';

// The document leaves answers open, so that they can grow. A test wants to know every member that it does not name.
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, closed(part)]));
  const isOpen = 'properties' in inner && 'type' in inner && !('additionalProperties' in inner);
  return isOpen ? { ...inner, additionalProperties: false } : inner;
}

let ajv: Ajv2020 | undefined;

function compiler(): Ajv2020 {
  if (ajv) return ajv;
  ajv = new Ajv2020({ allErrors: true, strict: false });
  formats.default(ajv as never);
  ajv.addSchema({ $id: ID, components: { schemas: closed(ownDocument.components.schemas) } });
  return ajv;
}

const validators = new Map<object, ValidateFunction>();

function validatorOf(schema: object): ValidateFunction {
  const known = validators.get(schema);
  if (known) return known;
  const text = JSON.stringify(closed(schema)).replaceAll('"#/components/', `"${ID}#/components/`);
  const made = compiler().compile(JSON.parse(text));
  validators.set(schema, made);
  return made;
}

/** What this success says that the document does not, one sentence each; empty for errors and unknown routes. */
export function documentFaults(method: string, target: string, answer: Answer): string[] {
  const path = answer.status < 300 ? pathOf(ownDocument.paths, method, target) : undefined;
  const operation = path === undefined ? undefined : ownDocument.paths[path]?.[method.toLowerCase()];
  if (!operation) return [];
  const name = `${method} ${path} (${operation.operationId}) ${answer.status}`;
  const success = (operation.responses as Record<string, Success>)[String(answer.status)];
  if (!success) return [`${name}: this status is not documented`];
  const schema = success.content?.['application/json'].schema;
  const validate = schema && validatorOf(schema);
  return [
    ...(success.headers?.ETag && !answer.headers.has('etag') ? [`${name}: the ETag is missing`] : []),
    ...(!schema && answer.body !== undefined ? [`${name}: the body is not documented`] : []),
    ...(!validate || validate(answer.body)
      ? []
      : (validate.errors ?? []).map(
          ({ instancePath, message, params }) =>
            `${name}: ${instancePath || 'the body'} ${message} ${JSON.stringify(params)}`,
        )),
  ];
}

/** The answer as it is. @throws Error naming every point where our document says something else. */
export function asDocumented(method: string, target: string, answer: Answer): Answer {
  const faults = documentFaults(method, target, answer);
  if (faults.length === 0) return answer;
  throw new Error(`not as documented:\n${faults.join('\n')}\n${JSON.stringify(answer.body)}`);
}
