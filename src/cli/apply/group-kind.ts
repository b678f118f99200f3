/** Groups of users in a file of `apply` (contract/management-api.md section 13). */
import { updateGroup } from '../../admin/group-schema.ts';
import { validate } from '../../http/validate.ts';
import type { Kind } from './kind.ts';

export const GROUP: Kind = {
  noun: 'group',
  section: 'groups',
  nested: false,
  key: 'name',
  id: 'group_id',
  members: ['name', 'description', 'custom_data'],
  required: [],
  sets: [],
  documents: ['custom_data'],
  references: {},
  collection: () => '/v1/groups',
  check: (members) => validate(updateGroup, members),
};
