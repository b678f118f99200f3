/** Sign-in policies as the outside writes and reads them. The operations are ours (contract/saml.md 4: a declarative policy stored in the tenant). */
import { z } from 'zod';
import { IDENTIFIERS, PRIMARY_METHODS } from '../applications/hosted-login.ts';
import {
  DEFAULT_JOURNEY,
  SECOND_FACTORS,
  type SignInPolicy,
  type SignInPolicyInput,
  type SignInRules,
} from '../sso/sign-in-policy.ts';
import { shownOnly } from './resource-schema.ts';

const distinct = <T>(list: readonly T[]): boolean => new Set(list).size === list.length;
const once = 'must not name the same twice';

export const signInRules = z.strictObject({
  methods: z.array(z.enum(PRIMARY_METHODS)).min(1).refine(distinct, once),
  identifiers: z
    .array(z.enum(IDENTIFIERS))
    .min(1)
    .refine(distinct, once)
    .default([...IDENTIFIERS]),
  second_factor: z.enum(SECOND_FACTORS).default('application'),
});
export const signInPolicyName = z
  .string()
  .trim()
  .min(1)
  .max(256)
  .refine((name) => name !== DEFAULT_JOURNEY, 'must not be "default", which stands for hosted login');
const fields = { name: signInPolicyName, description: z.string().max(4096), rules: signInRules };

export const createSignInPolicy = z.strictObject({ ...fields, description: fields.description.default('') });
/** What a read gives can be written back: the members that nobody can set are taken and left aside. */
export const updateSignInPolicy = z
  .strictObject({ ...fields, ...shownOnly('policy_id', 'created_at', 'updated_at') })
  .partial();

const policy = z.object({
  policy_id: z.string(),
  name: z.string(),
  description: z.string(),
  rules: z.object({
    methods: z.array(z.enum(PRIMARY_METHODS)),
    identifiers: z.array(z.enum(IDENTIFIERS)),
    second_factor: z.enum(SECOND_FACTORS),
  }),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export const signInPolicyAnswer = z.object({ result: policy });
export const signInPolicyListAnswer = z.object({ result: z.array(policy) });

export const fromUpdateSignInPolicy = (
  body: z.infer<typeof updateSignInPolicy>,
): Partial<SignInPolicyInput> => ({
  ...(body.name !== undefined && { name: body.name }),
  ...(body.description !== undefined && { description: body.description }),
  ...(body.rules !== undefined && { rules: body.rules satisfies SignInRules }),
});

export const toOuterSignInPolicy = (policy: SignInPolicy) => ({
  policy_id: policy.policyId,
  name: policy.name,
  description: policy.description,
  rules: policy.rules,
  created_at: policy.createdAt.toISOString(),
  updated_at: policy.updatedAt.toISOString(),
});
