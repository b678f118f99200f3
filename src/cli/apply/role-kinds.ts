/** Client roles of the tenant, roles of an application's users and groups of these in a file of `apply` (section 10). */
import { updateRole, updateRoleGroup } from '../../admin/role-schema.ts';
import { validate } from '../../http/validate.ts';
import type { Kind } from './kind.ts';

const ROLE_BASE = {
  key: 'role_name',
  id: 'role_id',
  members: ['role_name', 'permissions', 'description', 'display_name'],
  required: [],
  sets: ['permissions'],
  references: {},
  check: (members) => validate(updateRole, members),
} satisfies Partial<Kind>;

export const CLIENT_ROLE: Kind = {
  ...ROLE_BASE,
  noun: 'client role',
  section: 'client_roles',
  nested: false,
  collection: () => '/v1/roles',
};

export const ROLE: Kind = {
  ...ROLE_BASE,
  noun: 'role',
  section: 'roles',
  nested: true,
  collection: (appId) => `/v1/applications/${appId}/roles`,
};

export const ROLE_GROUP: Kind = {
  noun: 'role group',
  section: 'role_groups',
  nested: true,
  key: 'name',
  id: 'group_id',
  members: ['name', 'description', 'display_name', 'roles'],
  required: [],
  sets: ['roles'],
  references: { roles: 'roles' },
  collection: (appId) => `/v1/applications/${appId}/role-groups`,
  apart: {
    member: 'roles',
    isInCreation: false,
    write: async (api, path, { wanted, etag }) =>
      void (await api.post(`${path}/roles/set`, { role_ids: wanted }, etag)),
  },
  check: (members) => validate(updateRoleGroup, members),
};
