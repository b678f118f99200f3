/** Rows for the sign-in policies of client groups (ours; contract/saml.md 4). */
import type { ManagementCaller } from '../base/caller.ts';
import type { SignInPolicyId } from '../base/ids.ts';
import { bodyOf, pathId, type Row, tagged } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { SignInPolicyService } from '../sso/sign-in-policy-service.ts';
import {
  createSignInPolicy,
  fromUpdateSignInPolicy,
  signInPolicyAnswer,
  signInPolicyListAnswer,
  toOuterSignInPolicy,
  updateSignInPolicy,
} from './sign-in-policy-schema.ts';

const tokens = ['client', 'admin'] as const;
const tag = 'SSO client groups';
const BASE = '/v1/sso-service/policies';

export const signInPolicyRoutes = (policies: SignInPolicyService): Row[] => [
  {
    method: 'post',
    path: BASE,
    tokens,
    permissions: ['sso-service:edit'],
    status: 201,
    operation: {
      id: 'createSignInPolicy',
      summary: 'Create a sign-in policy for client groups',
      tag,
      body: createSignInPolicy,
      answer: signInPolicyAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = validate(createSignInPolicy, bodyOf(ctx));
      return { result: toOuterSignInPolicy(await policies.create(caller, input)) };
    },
  },
  {
    method: 'get',
    path: BASE,
    tokens,
    permissions: ['sso-service:read'],
    status: 200,
    operation: {
      id: 'getSignInPolicies',
      summary: 'List the sign-in policies of the tenant',
      tag,
      answer: signInPolicyListAnswer,
    },
    handle: async (_ctx, caller: ManagementCaller) => ({
      result: (await policies.list(caller)).map(toOuterSignInPolicy),
    }),
  },
  ...singleRows(policies),
];

function singleRows(policies: SignInPolicyService): Row[] {
  const path = `${BASE}/:policyId`;
  return [
    {
      method: 'get',
      path,
      tokens,
      permissions: ['sso-service:read'],
      status: 200,
      operation: { id: 'getSignInPolicy', summary: 'Read a sign-in policy', tag, answer: signInPolicyAnswer },
      handle: async (ctx, caller: ManagementCaller) => {
        const policy = await policies.get(caller, pathId<SignInPolicyId>(ctx, 'policyId'));
        return { result: toOuterSignInPolicy(tagged(ctx, policy)) };
      },
    },
    {
      method: 'put',
      path,
      tokens,
      permissions: ['sso-service:edit'],
      status: 200,
      operation: {
        id: 'updateSignInPolicy',
        summary: 'Change a sign-in policy; sessions that began under the old rules sign in again',
        tag,
        body: updateSignInPolicy,
        answer: signInPolicyAnswer,
      },
      handle: async (ctx, caller: ManagementCaller) => {
        const input = fromUpdateSignInPolicy(validate(updateSignInPolicy, bodyOf(ctx)));
        const policy = await policies.update(caller, pathId<SignInPolicyId>(ctx, 'policyId'), input);
        return { result: toOuterSignInPolicy(tagged(ctx, policy)) };
      },
    },
    {
      method: 'delete',
      path,
      tokens,
      permissions: ['sso-service:delete'],
      status: 204,
      operation: { id: 'deleteSignInPolicy', summary: 'Delete a sign-in policy that no group uses', tag },
      handle: (ctx, caller: ManagementCaller) =>
        policies.remove(caller, pathId<SignInPolicyId>(ctx, 'policyId')),
    },
  ];
}
