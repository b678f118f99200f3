/** Decides whether a `claims` parameter is well formed (OpenID Connect Core 5.5; `fields` and `approval_data` are ours). */
import { errors } from 'oidc-provider';
import { isStorable } from '../../http/validate.ts';

const MAX_FIELDS = 100;
/** RFC 6749 section 5.2: error_description has no quotation marks, backslashes, or characters beyond ASCII. */
const shown = (name: string): string => name.slice(0, 100).replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, "'");
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is wrong with one member of the parameter, by the name of the claim; undefined where nothing is. */
export function claimFault(members: object): { readonly name: string; readonly problem: string } | undefined {
  for (const [name, request] of Object.entries(members)) {
    const problem = claimProblem(name, request);
    if (problem !== undefined) return { name: shown(name), problem };
  }
  return undefined;
}

/** @throws InvalidRequest with a sentence that names the member. The engine has checked that the two members are objects. */
export function assertClaimsParameter(claims: object): void {
  if (!isStorable(claims))
    throw new errors.InvalidRequest('claims must not contain NUL characters or broken Unicode');
  for (const use of ['id_token', 'userinfo']) {
    const fault = claimFault((claims as Record<string, object | undefined>)[use] ?? {});
    if (fault) throw new errors.InvalidRequest(`claims.${use}.${fault.name} ${fault.problem}`);
  }
}

function claimProblem(name: string, request: unknown): string | undefined {
  if (request === null) return undefined;
  if (!isObject(request)) return 'must be null or an object';
  // Its content is the application's own.
  if (name === 'approval_data') return undefined;
  const { essential, values, fields } = request;
  if (essential !== undefined && typeof essential !== 'boolean')
    return 'has an essential that is not a boolean';
  if (values !== undefined && !Array.isArray(values)) return 'has values that are not an array';
  return fields === undefined ? undefined : fieldsProblem(name, fields);
}

function fieldsProblem(name: string, fields: unknown): string | undefined {
  if (!['custom_data', 'custom_app_data'].includes(name))
    return 'cannot have fields: only custom_data and custom_app_data can';
  const isList =
    Array.isArray(fields) &&
    fields.length <= MAX_FIELDS &&
    fields.every((field) => typeof field === 'string');
  return isList ? undefined : `has fields that are not an array of at most ${MAX_FIELDS} texts`;
}
