/** Sign-in policies of SSO client groups in a file of `apply` (contract/saml.md 4). */
import { updateSignInPolicy } from '../../admin/sign-in-policy-schema.ts';
import { validate } from '../../http/validate.ts';
import type { Kind } from './kind.ts';

export const SIGN_IN_POLICY: Kind = {
  noun: 'sign-in policy',
  section: 'sign_in_policies',
  nested: false,
  key: 'name',
  id: 'policy_id',
  members: ['name', 'description', 'rules'],
  required: ['rules'],
  sets: [],
  references: {},
  collection: () => '/v1/sso-service/policies',
  check: (members) => {
    validate(updateSignInPolicy, members);
    // As they are: the schema fills in what the file left to the server.
    return members;
  },
};
