/** The kinds of lines about groups, organizations and client groups: themselves before the users, who belongs to them after. */
import {
  groupLine,
  groupRoleLine,
  groupUserLine,
  managedOrganizationLine,
  organizationAppLine,
  organizationLine,
  organizationMemberLine,
  organizationMemberRoleLine,
  organizationRoleGroupLine,
  organizationRoleLine,
  ssoGroupLine,
} from './group-line-schema.ts';
import { APPLICATION, ROLE, ROLE_GROUP, type RowKind } from './row-kind.ts';

const times = { created_at: 'time', updated_at: 'time' } as const;
const GROUP = { table: 'groups', column: 'group_id' };
const ORGANIZATION = { table: 'organizations', column: 'organization_id' };
const USER = { table: 'users', column: 'user_id' };

/** Clients name it. */
export const SSO_GROUP: RowKind = {
  kind: 'sso_group',
  table: 'sso_groups',
  key: ['group_id'],
  columns: {
    group_id: 'text',
    name: 'text',
    description: 'text',
    configuration: 'json',
    created_by: 'text',
    ...times,
  },
  schema: ssoGroupLine,
  references: {},
};

export const GROUP_KINDS: readonly RowKind[] = [
  {
    kind: 'group',
    table: 'groups',
    key: ['group_id'],
    columns: { group_id: 'text', name: 'text', description: 'text', custom_data: 'json', ...times },
    schema: groupLine,
    references: {},
  },
  {
    kind: 'group_role',
    table: 'role_assignments',
    key: ['role_id', 'entity_type', 'entity_id'],
    columns: { role_id: 'text', entity_type: 'text', entity_id: 'text', created_at: 'time' },
    schema: groupRoleLine,
    references: { role_id: ROLE, entity_id: GROUP },
    only: `t.entity_type = 'Group'`,
  },
  {
    kind: 'organization',
    table: 'organizations',
    key: ['organization_id'],
    columns: {
      organization_id: 'text',
      name: 'text',
      alias_name: 'text',
      domains: 'json',
      enabled: 'boolean',
      ...times,
    },
    schema: organizationLine,
    references: {},
  },
  {
    kind: 'organization_app',
    table: 'organization_apps',
    key: ['organization_id', 'app_id'],
    columns: { organization_id: 'text', app_id: 'text', created_at: 'time' },
    schema: organizationAppLine,
    references: { organization_id: ORGANIZATION, app_id: APPLICATION },
  },
  {
    kind: 'managed_organization',
    table: 'managed_organizations',
    key: ['organization_id'],
    columns: { organization_id: 'text', managing_organization_id: 'text', app_id: 'text' },
    schema: managedOrganizationLine,
    references: {
      organization_id: ORGANIZATION,
      managing_organization_id: ORGANIZATION,
      app_id: APPLICATION,
    },
  },
  {
    kind: 'organization_role',
    table: 'organization_roles',
    key: ['organization_id', 'role_id'],
    columns: { organization_id: 'text', app_id: 'text', role_id: 'text', position: 'number' },
    schema: organizationRoleLine,
    references: { organization_id: ORGANIZATION, app_id: APPLICATION, role_id: ROLE },
  },
  {
    kind: 'organization_role_group',
    table: 'organization_role_groups',
    key: ['organization_id', 'group_id'],
    columns: { organization_id: 'text', app_id: 'text', group_id: 'text', position: 'number' },
    schema: organizationRoleGroupLine,
    references: { organization_id: ORGANIZATION, app_id: APPLICATION, group_id: ROLE_GROUP },
  },
];

export const MEMBER_KINDS: readonly RowKind[] = [
  {
    kind: 'group_user',
    table: 'group_users',
    key: ['group_id', 'user_id'],
    columns: { group_id: 'text', user_id: 'text', created_at: 'time' },
    schema: groupUserLine,
    references: { group_id: GROUP, user_id: USER },
  },
  {
    kind: 'organization_member',
    table: 'organization_members',
    key: ['organization_id', 'user_id'],
    columns: { organization_id: 'text', user_id: 'text', created_at: 'time' },
    schema: organizationMemberLine,
    references: { organization_id: ORGANIZATION, user_id: USER },
  },
  {
    kind: 'organization_member_role',
    table: 'organization_member_roles',
    key: ['organization_id', 'user_id', 'app_id', 'role_id'],
    columns: {
      organization_id: 'text',
      user_id: 'text',
      app_id: 'text',
      role_id: 'text',
      position: 'number',
    },
    schema: organizationMemberRoleLine,
    references: { organization_id: ORGANIZATION, user_id: USER, app_id: APPLICATION },
  },
];
