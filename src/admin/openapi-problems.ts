/** Errors as the document describes them: which status an operation can answer with, and with what body (contract D14, C1, C2). */

import type { OpenRow, Row } from '../http/route.ts';
import type { Json } from './openapi-schema.ts';

const text = { type: 'string' };

const body = (message: Json, code: Json, more: Json = {}): Json => ({
  type: 'object',
  properties: { message, error_code: code, ...more },
  required: ['message', 'error_code'],
});

export const problemSchemas: Readonly<Record<string, Json>> = {
  Problems: body({ type: 'array', items: text, description: 'One entry for one problem.' }, { const: 400 }),
  TextProblem: body(text, { ...text, description: 'What went wrong, as one word.' }),
  Problem: body(text, { type: 'integer', description: 'The status again.' }),
  Conflict: body(
    text,
    { const: 409 },
    {
      ts_error_code: { ...text, description: '`identifier_taken` where a value belongs to another object.' },
    },
  ),
};

const response = (description: string, schema: string, headers?: Json): Json => ({
  description,
  ...(headers && { headers }),
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
});

const retryAfter = { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } };

export const problemResponses: Readonly<Record<string, Json>> = {
  BadRequest: response('The request is wrong; nothing was changed.', 'Problems'),
  BadRequestAsText: response('The request is wrong; nothing was changed.', 'TextProblem'),
  Unauthorized: response('No token, or one that is not valid.', 'Problem'),
  Forbidden: response('Another kind of token, or a missing permission.', 'Problem'),
  NotFound: response('It is not there, or out of reach of this token.', 'Problem'),
  Conflict: response('A value is taken, or the object is in use.', 'Conflict'),
  PreconditionFailed: response('The object has changed since the version in `If-Match`.', 'Problem'),
  TooManyRequests: response('Too many requests.', 'Problem', retryAfter),
};

const named = (name: string): Json => ({ $ref: `#/components/responses/${name}` });

/** The error responses of this row, by status. */
export function problemsOf(
  row: Pick<Row, 'method' | 'path' | 'operation' | 'toFault'> & Pick<Row | OpenRow, 'tokens'>,
  isVersioned: boolean,
): Record<string, Json> {
  const reads = row.method === 'get';
  const takesInput = row.operation?.body !== undefined || row.operation?.query !== undefined;
  return {
    ...(takesInput && { 400: named(row.toFault ? 'BadRequestAsText' : 'BadRequest') }),
    ...(row.tokens !== 'none' && { 401: named('Unauthorized') }),
    403: named('Forbidden'),
    ...(row.path.includes(':') && { 404: named('NotFound') }),
    ...(!reads && { 409: named('Conflict') }),
    ...(!reads && isVersioned && { 412: named('PreconditionFailed') }),
    429: named('TooManyRequests'),
  };
}
