/**
 * Who may call what, copied by hand from the contract (management-api.md 1 to 15, oidc.md 16, tokens-and-sessions.md 1 and 6), never from
 * the code: `METHOD /path` with `{}` for a parameter, the tokens (C client, A admin, U user, O organization admin), and the permissions of which
 * one is enough. `ours` marks operations that no published list has; their access is the nearest neighbour's.
 */
export interface Access {
  readonly tokens: string;
  readonly permissions: readonly string[];
}

/** `a b` at the application and at the `[appId]` form (management-api.md 0). */
const apps = (...actions: string[]): string =>
  actions.flatMap((action) => [`apps:${action}`, `[appId]:${action}`]).join(' ');
const both = (noun: string, ...actions: string[]): string =>
  actions.map((action) => `${noun}:${action}`).join(' ');

const USERS_READ = `${apps('read')} users:read`;
const USERS_EDIT = `${apps('edit')} users:edit`;
const USERS_LIST = `users:read users:list ${apps('read', 'list')}`;
const KEYS_WRITE = apps('create', 'edit');
const organizations = (action: string): string => `organizations:${action} orgs:${action}`;

const LINES: readonly (readonly [operation: string, tokens: string, permissions?: string])[] = [
  // 1. Applications
  ['POST /v1/applications', 'CA', apps('create')],
  ['GET /v1/applications', 'CA', apps('read', 'list')],
  [
    'GET /v1/applications/list',
    'CA',
    'apps:list users:read organizations:read roles:read orgs:read [appId]:list',
  ],
  ['GET /v1/applications/{}', 'CA', apps('read')],
  ['PUT /v1/applications/{}', 'CA', apps('edit')],
  ['DELETE /v1/applications/{}', 'CA', apps('delete')],
  ['PUT /v1/applications/{}/resources', 'CA', apps('edit')],
  ['GET /loginPreferences/{}', 'CA', `${apps('read')} authentication-methods:read`],
  ['PUT /loginPreferences/{}/authMethods', 'CA', `${apps('edit')} authentication-methods:edit`],
  // 2. Clients, application level
  ['POST /v1/applications/{}/clients', 'CA', 'apps:create apps:edit'],
  ['GET /v1/applications/{}/clients', 'CA', 'apps:read'],
  ['DELETE /v1/applications/{}/clients', 'CA', 'apps:delete apps:create apps:edit'],
  ['GET /v1/applications/{}/clients/{}', 'CA', 'apps:read'],
  ['PUT /v1/applications/{}/clients/{}', 'CA', 'apps:edit apps:create'],
  ['DELETE /v1/applications/{}/clients/{}', 'CA', 'apps:delete apps:create apps:edit'],
  ['PUT /v1/applications/{}/clients/{}/resources', 'CA', 'apps:edit apps:create'],
  // 3. Clients, client level
  ['POST /v1/clients', 'CA', apps('create', 'edit')],
  ['GET /v1/clients', 'CA', apps('read')],
  ['DELETE /v1/clients', 'CA', apps('delete', 'create', 'edit')],
  ['GET /v1/clients/{}', 'CA', apps('read')],
  ['PUT /v1/clients/{}', 'CA', apps('edit', 'create')],
  ['DELETE /v1/clients/{}', 'CA', apps('delete', 'create', 'edit')],
  ['PUT /v1/clients/{}/resources', 'CA', apps('edit', 'create')],
  // 4. Client secrets
  ['POST /v1/clients/{}/secrets', 'CA', apps('create', 'edit')],
  ['GET /v1/clients/{}/secrets', 'CA', apps('read')],
  ['DELETE /v1/clients/{}/secrets/{}', 'CA', apps('delete', 'create', 'edit')],
  ['POST /v1/applications/{}/clients/{}/secrets', 'CA', apps('create', 'edit')],
  ['GET /v1/applications/{}/clients/{}/secrets', 'CA', apps('read')],
  ['DELETE /v1/applications/{}/clients/{}/secrets/{}', 'CA', apps('delete', 'create', 'edit')],
  // 7. Resources
  ['POST /v1/resources', 'CA', `resources:create ${apps('create')}`],
  ['GET /v1/resources', 'CA', 'resources:list resources:read'],
  ['GET /v1/resources/uri', 'CA', `resources:read ${apps('read')}`],
  ['PUT /v1/resources/{}', 'CA', `resources:edit ${apps('edit')}`],
  ['DELETE /v1/resources/{}', 'CA', `resources:delete ${apps('delete')}`],
  // 8. Token signing keys; tokens-and-sessions.md 1 adds the management application's own
  ['POST /v1/applications/signing-keys', 'CA', KEYS_WRITE],
  ['GET /v1/applications/signing-keys', 'CA', apps('read')],
  ['POST /v1/applications/signing-keys/upload', 'CA', KEYS_WRITE],
  ['PUT /v1/applications/signing-keys/{}', 'CA', KEYS_WRITE],
  ['DELETE /v1/applications/signing-keys/{}', 'CA', apps('create', 'edit', 'delete')],
  // 9. Management applications
  ['POST /v1/management/applications', 'A', 'apps:create'],
  ['GET /v1/management/applications', 'A', 'apps:read apps:list'],
  ['PUT /v1/management/applications/{}', 'A', 'apps:edit'],
  ['DELETE /v1/management/applications/{}', 'A', 'apps:delete'],
  // 11. Consents
  ['GET /v1/consents', 'CA', 'consents:read consents:list'],
  ['GET /v1/consents/{}', 'CA', 'consents:read'],
  ['DELETE /v1/consents/clients/{}/users/{}', 'CA', 'consents:delete'],
  ['GET /v1/manage/consents', 'A'],
  ['DELETE /v1/manage/consents/clients/{}/users/{}', 'A'],
  ['GET /v1/consents/me', 'U'],
  ['DELETE /v1/consents/me/clients/{}', 'U'],
  // oidc.md 16. Delegated access
  ['POST /v1/delegated-access/consents/me/request', 'U'],
  ['POST /v1/delegated-access/consents/me/grant', 'U'],
  ['GET /v1/delegated-access/consents/me', 'U'],
  ['DELETE /v1/delegated-access/consents/me/permissions/actor', 'U'],
  ['DELETE /v1/delegated-access/consents/me/permissions/subject', 'U'],
  // 12. Users
  ['POST /v1/users', 'CA', `${apps('create')} users:create`],
  ['GET /v1/users', 'CA', USERS_LIST],
  ['GET /v1/users/count', 'CA', `users:list ${apps('list')}`],
  ['GET /v1/users/identifier', 'CA', USERS_READ],
  ['GET /v1/users/{}', 'CA', USERS_READ],
  ['GET /v1/users/email/{}', 'CA', USERS_READ],
  ['GET /v1/users/phone-number/{}', 'CA', USERS_READ],
  ['GET /v1/users/phone/{}', 'CA', USERS_READ],
  ['GET /v1/users/username/{}', 'CA', USERS_READ],
  ['GET /v1/users/external-user-id/{}', 'CA', USERS_READ],
  ['PUT /v1/users/{}', 'CA', USERS_EDIT],
  ['GET /v1/users/{}/groups', 'CA', `${apps('read')} groups:read`],
  ['DELETE /v1/users/{}/apps', 'C', USERS_EDIT],
  ['POST /v1/users/{}/password', 'CA', `${apps('create')} authenticators:create`],
  ['PUT /v1/users/{}/password', 'CA', `${apps('edit')} authenticators:edit`],
  ['DELETE /v1/users/{}/emails/{}', 'CA', USERS_EDIT],
  ['DELETE /v1/users/{}/phone-numbers/{}', 'CA', USERS_EDIT],
  ['POST /v1/users/{}/emails/{}/verify', 'CA', USERS_EDIT],
  ['POST /v1/users/{}/phone-numbers/{}/verify', 'CA', USERS_EDIT],
  ['DELETE /v1/manage/users/{}', 'A', 'users:delete'],
  ['POST /v1/users/me/password-credentials', 'U'],
  ['GET /v1/users/me/device-keys', 'U'],
  ['GET /v1/users/me', 'U'],
  ['PUT /v1/users/me', 'U'],
  // 13. Organizations; 10, their rows among the roles
  ['POST /v1/organizations', 'A', organizations('create')],
  ['GET /v1/organizations', 'A', `${organizations('read')} ${organizations('list')}`],
  ['GET /v1/organizations/{}', 'A', organizations('read')],
  ['GET /v1/organizations/name/{}', 'A', organizations('read')],
  ['PUT /v1/organizations/{}', 'A', organizations('edit')],
  ['DELETE /v1/organizations/{}', 'A', organizations('delete')],
  ['PUT /v1/organizations/{}/apps', 'A', organizations('edit')],
  ['DELETE /v1/organizations/{}/apps', 'A', organizations('edit')],
  ['POST /v1/organizations/{}/logo', 'A', organizations('edit')],
  ['POST /v1/organizations/{}/applications/{}/managed-organizations', 'AO', organizations('create')],
  ['POST /v1/applications/{}/organizations/{}/role-groups/set', 'A', organizations('edit')],
  ['GET /v1/applications/{}/organizations/{}/role-groups', 'A', organizations('read')],
  ['POST /v1/applications/{}/organizations/{}/roles-and-groups/set', 'A', organizations('edit')],
  ['GET /v1/applications/{}/organizations/{}/roles-and-groups', 'A', organizations('read')],
  // 10. Roles
  ['POST /v1/applications/{}/roles', 'A', 'roles:create'],
  ['GET /v1/applications/{}/roles', 'A', 'roles:read roles:list'],
  ['GET /v1/applications/{}/roles/{}', 'A', 'roles:read'],
  ['PUT /v1/applications/{}/roles/{}', 'A', 'roles:edit'],
  ['DELETE /v1/applications/{}/roles/{}', 'A', 'roles:delete'],
  ['POST /v1/applications/{}/roles/{}/assignments', 'A', 'roles:edit'],
  ['DELETE /v1/applications/{}/roles/{}/assignments/{}', 'A', 'roles:edit'],
  ['POST /v1/applications/{}/role-groups', 'A', 'roles:create'],
  ['GET /v1/applications/{}/role-groups', 'A', 'roles:read roles:list'],
  ['GET /v1/applications/{}/role-groups/{}', 'A', 'roles:read'],
  ['PUT /v1/applications/{}/role-groups/{}', 'A', 'roles:edit'],
  ['DELETE /v1/applications/{}/role-groups/{}', 'A', 'roles:delete'],
  ['POST /v1/applications/{}/role-groups/{}/roles/set', 'A', 'roles:edit'],
  ['POST /v1/applications/{}/organizations/{}/members/{}/roles', 'AO', 'roles:edit'],
  // 14. SSO client groups
  ['POST /v1/sso-service/sso-group', 'CA', 'sso-service:edit'],
  ['GET /v1/sso-service/sso-group', 'CA', 'sso-service:read'],
  ['GET /v1/sso-service/sso-group/{}', 'CA', 'sso-service:read'],
  ['PUT /v1/sso-service/sso-group/{}', 'CA', 'sso-service:edit'],
  ['DELETE /v1/sso-service/sso-group/{}', 'CA', 'sso-service:delete'],
  // 15. Service providers
  ['POST /v1/serviceprovider/saml2', 'CA', both('service-providers', 'create')],
  ['GET /v1/serviceprovider/saml2', 'CA', both('service-providers', 'read', 'list')],
  ['PUT /v1/serviceprovider/saml2/{}', 'CA', both('service-providers', 'edit')],
  ['DELETE /v1/serviceprovider/saml2/{}', 'CA', both('service-providers', 'delete')],
  // tokens-and-sessions.md 6
  ['GET /v1/sessions/{}', 'CA', 'sessions:read sessions:list'],
  ['DELETE /v1/sessions/{}', 'CA', 'sessions:delete'],
];

export const accessTable: ReadonlyMap<string, Access> = new Map(
  LINES.map(([operation, tokens, permissions = '']) => [
    operation,
    { tokens, permissions: permissions.split(' ').filter(Boolean) },
  ]),
);

/** Ours: operations that the contract does not table. Each has a neighbour above whose access it takes. */
export const OURS: ReadonlySet<string> = new Set([
  'POST /v1/roles',
  'GET /v1/roles',
  'GET /v1/roles/{}',
  'PUT /v1/roles/{}',
  'DELETE /v1/roles/{}',
  'POST /v1/groups',
  'GET /v1/groups',
  'GET /v1/groups/{}',
  'PUT /v1/groups/{}',
  'DELETE /v1/groups/{}',
  'GET /v1/groups/{}/users',
  'POST /v1/groups/{}/users',
  'DELETE /v1/groups/{}/users/{}',
  'GET /v1/organizations/{}/members',
  'POST /v1/organizations/{}/members',
  'DELETE /v1/organizations/{}/members/{}',
  'GET /v1/organizations/{}/identity-provider',
  'PUT /v1/organizations/{}/identity-provider',
  'DELETE /v1/organizations/{}/identity-provider',
  'GET /v1/organizations/{}/oidc-identity-provider',
  'PUT /v1/organizations/{}/oidc-identity-provider',
  'DELETE /v1/organizations/{}/oidc-identity-provider',
  'GET /v1/serviceprovider/saml2/{}',
  'GET /v1/clients/{}/saml-certificates',
  'POST /v1/clients/{}/saml-certificates',
  'DELETE /v1/clients/{}/saml-certificates/{}',
  'POST /v1/clients/{}/saml-certificates/switch',
  'POST /v1/clients/{}/saml-certificates/switch-back',
  'POST /v1/clients/{}/saml-certificates/replace',
  'GET /v1/applications/{}/clients/{}/saml-certificates',
  'POST /v1/applications/{}/clients/{}/saml-certificates',
  'DELETE /v1/applications/{}/clients/{}/saml-certificates/{}',
  'POST /v1/applications/{}/clients/{}/saml-certificates/switch',
  'POST /v1/applications/{}/clients/{}/saml-certificates/switch-back',
  'POST /v1/applications/{}/clients/{}/saml-certificates/replace',
  'GET /v1/serviceprovider/saml2/{}/saml-certificates',
  'POST /v1/serviceprovider/saml2/{}/saml-certificates',
  'DELETE /v1/serviceprovider/saml2/{}/saml-certificates/{}',
  'POST /v1/serviceprovider/saml2/{}/saml-certificates/switch',
  'POST /v1/serviceprovider/saml2/{}/saml-certificates/switch-back',
  'POST /v1/serviceprovider/saml2/{}/saml-certificates/replace',
  'POST /v1/sso-service/policies',
  'GET /v1/sso-service/policies',
  'GET /v1/sso-service/policies/{}',
  'PUT /v1/sso-service/policies/{}',
  'DELETE /v1/sso-service/policies/{}',
  'GET /v1/outbox',
  'GET /scim/Users',
  'GET /scim/Users/.search',
  'POST /scim/Users/.search',
  'GET /scim/Users/{}',
]);
