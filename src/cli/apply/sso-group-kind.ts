/** SSO client groups in a file of `apply` (contract/management-api.md section 14): a group answers as an application does. */
import { updateSsoGroup } from '../../admin/sso-group-schema.ts';
import { validate } from '../../http/validate.ts';
import type { Kind } from './kind.ts';

export const SSO_GROUP: Kind = {
  noun: 'SSO group',
  section: 'sso_groups',
  nested: false,
  key: 'name',
  id: 'app_id',
  members: ['name', 'description', 'configuration'],
  required: ['configuration'],
  sets: [],
  references: {},
  collection: () => '/v1/sso-service/sso-group',
  check: (members) => {
    validate(updateSsoGroup, members);
    // As they are: the schema fills in what the file left to the server.
    return members;
  },
  toWritten: (object) => ({
    ...object,
    name: object.name ?? object.app_name,
    description: object.description ?? object.app_description,
  }),
};
