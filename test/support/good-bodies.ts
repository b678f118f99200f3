/** Bodies that pass the schema of a row, for tests that need to get beyond it. */
import type { Row } from '../../src/http/route.ts';

const PASSWORD = 'Correct-Horse-7-Battery';

const BODIES: Readonly<Record<string, unknown>> = {
  'post /v1/applications': { app_name: 'X', client_display_name: 'X', redirect_uris: [] },
  'post /v1/applications/:appId/clients': { name: 'X', redirect_uris: [] },
  'post /v1/clients': { name: 'X', redirect_uris: [] },
  'put /v1/applications/:appId/resources': { resource_ids: [] },
  'put /v1/applications/:appId/clients/:clientId/resources': { resource_ids: [] },
  'put /v1/clients/:clientId/resources': { resource_ids: [] },
  'post /v1/applications/:appId/roles': { role_name: 'clerk' },
  'post /v1/applications/:appId/roles/:roleId/assignments': { entity_ids: ['nobody'], entity_type: 'User' },
  'post /v1/applications/:appId/role-groups': { name: 'clerks' },
  'post /v1/applications/:appId/role-groups/:groupId/roles/set': { role_ids: [] },
  'post /v1/sso-service/policies': { name: 'X', rules: { methods: ['password'] } },
  'post /v1/users': { email: 'new@example.com' },
  'post /v1/groups/:group_id/users': { user_ids: ['nobody'] },
  'put /v1/organizations/:organization_id/apps': { app_ids: ['nobody'] },
  'delete /v1/organizations/:organization_id/apps': { app_ids: ['nobody'] },
  'post /v1/organizations/:organization_id/applications/:appId/managed-organizations': { name: 'X' },
  'post /v1/applications/:appId/organizations/:organization_id/role-groups/set': { role_group_ids: [] },
  'post /v1/organizations/:organization_id/members': { user_id: 'nobody' },
  'post /v1/applications/:appId/organizations/:organization_id/members/:member_id/roles': { role_ids: [] },
  'put /v1/organizations/:organization_id/identity-provider': {
    entity_id: 'https://idp.example.com/metadata',
    sso_url: 'https://idp.example.com/sso',
    certificates: ['-----BEGIN CERTIFICATE-----'],
  },
  'put /v1/organizations/:organization_id/oidc-identity-provider': {
    issuer: 'https://idp.example.com',
    client_id: 'tessera',
    client_secret: 'a secret of the provider',
  },
  'post /v1/users/:user_id/password': { password: PASSWORD },
  'put /v1/users/:user_id/password': { password: PASSWORD },
};

/** Undefined where the row takes none or an empty one will do. */
export const goodBodyOf = (row: Row): unknown => BODIES[`${row.method} ${row.path}`];
