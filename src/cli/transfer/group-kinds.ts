/** The kinds of lines about groups, organizations and client groups: themselves before the users, who belongs to them after. */
import {
  applicationRoleLine,
  consentLine,
  groupLine,
  groupRoleLine,
  groupUserLine,
  identityProviderLine,
  managedOrganizationLine,
  organizationAppLine,
  organizationLine,
  organizationLogoLine,
  organizationMemberLine,
  organizationMemberRoleLine,
  organizationRoleGroupLine,
  organizationRoleLine,
  signInPolicyLine,
  ssoGroupLine,
} from './group-line-schema.ts';
import { groupMembersChanged, groupRolesChanged } from './group-rules.ts';
import { groupIsOfApplication, journeyIsKnown, roleIsOfApplication } from './ownership-store.ts';
import { APPLICATION, CLIENT, identifier, ROLE, ROLE_GROUP, type RowKind, USER } from './row-kind.ts';

const times = { created_at: 'time', updated_at: 'time' } as const;
const GROUP = { table: 'groups', column: 'group_id' };
const ORGANIZATION = { table: 'organizations', column: 'organization_id' };
const ASSIGNMENT = {
  table: 'role_assignments',
  key: ['role_id', 'entity_type', 'entity_id'],
  columns: { role_id: 'text', entity_type: 'text', entity_id: 'text', created_at: 'time' },
} as const;

/** Client groups name it. */
export const SIGN_IN_POLICY: RowKind = {
  kind: 'sign_in_policy',
  table: 'sign_in_policies',
  key: ['policy_id'],
  columns: { policy_id: 'text', name: 'text', description: 'text', rules: 'json', ...times },
  schema: signInPolicyLine,
  unique: ({ name }) => identifier('name', name),
  references: {},
};

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
  check: journeyIsKnown,
};

export const GROUP_KINDS: readonly RowKind[] = [
  {
    ...ASSIGNMENT,
    kind: 'application_role',
    schema: applicationRoleLine,
    ends: { role_id: 'role', entity_id: 'application' },
    references: { role_id: ROLE, entity_id: APPLICATION },
    only: `t.entity_type = 'Application'`,
  },
  {
    kind: 'group',
    table: 'groups',
    key: ['group_id'],
    columns: { group_id: 'text', name: 'text', description: 'text', custom_data: 'json', ...times },
    schema: groupLine,
    unique: ({ name }) => identifier('name', name),
    references: {},
  },
  {
    ...ASSIGNMENT,
    kind: 'group_role',
    schema: groupRoleLine,
    ends: { role_id: 'role', entity_id: 'group' },
    references: { role_id: ROLE, entity_id: GROUP },
    only: `t.entity_type = 'Group'`,
    written: groupRolesChanged,
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
    unique: ({ name }) => identifier('name', name),
    references: {},
  },
  {
    kind: 'organization_logo',
    table: 'organization_logos',
    key: ['organization_id'],
    columns: { organization_id: 'text', media_type: 'text', content: 'bytes', updated_at: 'time' },
    schema: organizationLogoLine,
    ends: { organization_id: 'organization' },
    references: { organization_id: ORGANIZATION },
    // Each may have 200 kB.
    page: 20,
  },
  {
    kind: 'organization_identity_provider',
    table: 'organization_identity_providers',
    key: ['organization_id'],
    columns: {
      organization_id: 'text',
      entity_id: 'text',
      sso_url: 'text',
      sso_binding: 'text',
      certificates: 'json',
      email_attribute: 'text',
      first_name_attribute: 'text',
      last_name_attribute: 'text',
      create_members: 'boolean',
      ...times,
    },
    schema: identityProviderLine,
    ends: { organization_id: 'organization' },
    references: { organization_id: ORGANIZATION },
  },
  {
    kind: 'organization_app',
    table: 'organization_apps',
    key: ['organization_id', 'app_id'],
    columns: { organization_id: 'text', app_id: 'text', created_at: 'time' },
    schema: organizationAppLine,
    ends: { organization_id: 'organization', app_id: 'application' },
    references: { organization_id: ORGANIZATION, app_id: APPLICATION },
  },
  {
    kind: 'managed_organization',
    table: 'managed_organizations',
    key: ['organization_id'],
    columns: { organization_id: 'text', managing_organization_id: 'text', app_id: 'text' },
    schema: managedOrganizationLine,
    ends: { organization_id: 'organization', managing_organization_id: 'organization' },
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
    ends: { organization_id: 'organization', role_id: 'role' },
    references: { organization_id: ORGANIZATION, app_id: APPLICATION, role_id: ROLE },
    check: roleIsOfApplication,
  },
  {
    kind: 'organization_role_group',
    table: 'organization_role_groups',
    key: ['organization_id', 'group_id'],
    columns: { organization_id: 'text', app_id: 'text', group_id: 'text', position: 'number' },
    schema: organizationRoleGroupLine,
    ends: { organization_id: 'organization', group_id: 'role_group' },
    references: { organization_id: ORGANIZATION, app_id: APPLICATION, group_id: ROLE_GROUP },
    check: groupIsOfApplication,
  },
];

export const MEMBER_KINDS: readonly RowKind[] = [
  {
    kind: 'group_user',
    table: 'group_users',
    key: ['group_id', 'user_id'],
    columns: { group_id: 'text', user_id: 'text', created_at: 'time' },
    schema: groupUserLine,
    ends: { group_id: 'group', user_id: 'user' },
    references: { group_id: GROUP, user_id: USER },
    written: groupMembersChanged,
  },
  {
    kind: 'organization_member',
    table: 'organization_members',
    key: ['organization_id', 'user_id'],
    columns: { organization_id: 'text', user_id: 'text', created_at: 'time' },
    schema: organizationMemberLine,
    ends: { organization_id: 'organization', user_id: 'user' },
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
    ends: { organization_id: 'organization', user_id: 'user', app_id: 'application' },
    references: { organization_id: ORGANIZATION, user_id: USER, app_id: APPLICATION },
    check: roleIsOfApplication,
  },
  {
    kind: 'consent',
    table: 'consents',
    key: ['consent_id'],
    columns: {
      consent_id: 'text',
      client_id: 'text',
      user_id: 'text',
      scope: 'text',
      resource: 'text',
      expires_at: 'time',
      ...times,
    },
    schema: consentLine,
    fixed: ['client_id', 'user_id'],
    // One that was renewed here lasts as long as its user said here.
    kept: ['expires_at'],
    unique: ({ client_id, user_id, scope, resource }) => [
      { name: 'consent', value: [client_id, user_id, scope, resource] },
    ],
    references: { client_id: CLIENT, user_id: USER },
    only: 't.expires_at > now()',
  },
];
