/** Errors below `/scim/` (RFC 7644 3.12): a form and a media type of their own. */
import type { AppError } from '../base/errors.ts';

export const SCIM_TYPE = 'application/scim+json';
const SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** True for every path of the SCIM service; the prefix `/cis` is gone by then. */
export const isScimPath = (path: string): boolean => /^\/scim(\/|$)/i.test(path);

/** `status` is a text; `scimType` says more about a 400. */
export const scimErrorBody = (error: AppError): Record<string, unknown> => ({
  schemas: [SCHEMA],
  status: String(error.status),
  ...(error.status === 400 && { scimType: scimTypeOf(error) }),
  ...(error.status === 409 && { scimType: 'uniqueness' }),
  detail: error.message,
});

const scimTypeOf = ({ problems = [] }: AppError): string => {
  if (problems.some((problem) => problem.startsWith('filter:'))) return 'invalidFilter';
  return problems.some((problem) => problem.startsWith('The body')) ? 'invalidSyntax' : 'invalidValue';
};
