/** Rows for organizations, their applications and logos (management-api.md section 13). */
import type Koa from 'koa';
import type { AdminCaller } from '../base/caller.ts';
import { invalid, notFound } from '../base/errors.ts';
import type { AppId, OrganizationId } from '../base/ids.ts';
import { readFormOrJson, uploadedFile } from '../http/form-body.ts';
import { bodyOf, pathId, type Row, tagged } from '../http/route.ts';
import { isStorable, validate } from '../http/validate.ts';
import type { IdentityProviderService } from '../organizations/identity-provider-service.ts';
import type { OidcIdentityProviderService } from '../organizations/oidc-identity-provider-service.ts';
import type { Organization } from '../organizations/organization.ts';
import type { OrganizationMemberService } from '../organizations/organization-member-service.ts';
import type { OrganizationRoleService } from '../organizations/organization-role-service.ts';
import type { OrganizationService } from '../organizations/organization-service.ts';
import type { OrganizationCaller } from '../organizations/organization-trail.ts';
import { identityProviderRoutes } from './identity-provider-routes.ts';
import { oidcIdentityProviderRoutes } from './oidc-identity-provider-routes.ts';
import { memberRoutes } from './organization-member-routes.ts';
import { organizationRoleRoutes } from './organization-role-routes.ts';
import {
  appIds,
  createManagedOrganization,
  createOrganization,
  fromCreateOrganization,
  fromUpdateOrganization,
  logoUpload,
  organizationAnswer,
  organizationQuery,
  organizationsAnswer,
  toOuterOrganization,
  updateOrganization,
} from './organization-schema.ts';

const tokens = ['admin'] as const;
const tag = 'Organizations';
const ORGANIZATIONS = '/v1/organizations';
const ONE = `${ORGANIZATIONS}/:organization_id`;
const may = (...actions: string[]): string[] =>
  actions.flatMap((action) => [`organizations:${action}`, `orgs:${action}`]);

export interface OrganizationParts {
  readonly organizations: OrganizationService;
  readonly roles: OrganizationRoleService;
  readonly members: OrganizationMemberService;
  readonly identityProviders: IdentityProviderService;
  readonly oidcIdentityProviders: OidcIdentityProviderService;
  /** Of the public address. */
  readonly origin: string;
}

type Shown = (ctx: Koa.Context, organization: Organization) => unknown;

export const organizationRoutes = (parts: OrganizationParts): Row[] => {
  const shown: Shown = (ctx, organization) => ({
    result: toOuterOrganization(tagged(ctx, organization), parts.origin),
  });
  return [
    ...listRows(parts, shown),
    ...singleRows(parts.organizations, shown),
    ...partRows(parts.organizations, shown),
    ...organizationRoleRoutes(parts.roles),
    ...memberRoutes(parts.members),
    ...identityProviderRoutes(parts),
    ...oidcIdentityProviderRoutes(parts),
  ];
};

const listRows = ({ organizations, origin }: OrganizationParts, shown: Shown): Row[] => [
  {
    method: 'post',
    path: ORGANIZATIONS,
    tokens,
    permissions: may('create'),
    status: 201,
    operation: {
      id: 'createOrganization',
      summary: 'Create an organization',
      tag,
      body: createOrganization,
      answer: organizationAnswer,
    },
    handle: async (ctx, caller: AdminCaller) => {
      const body = validate(createOrganization, bodyOf(ctx));
      const { app_ids, ...fields } = body;
      const input = fromCreateOrganization(fields);
      return shown(ctx, await organizations.create(caller, input, app_ids as AppId[]));
    },
  },
  {
    method: 'get',
    path: ORGANIZATIONS,
    tokens,
    permissions: may('read', 'list'),
    status: 200,
    operation: {
      id: 'getAllOrganizations',
      summary: 'List the organizations of the tenant, or the one with this name',
      tag,
      query: organizationQuery,
      answer: organizationsAnswer,
    },
    handle: async (ctx, caller: AdminCaller) => {
      const { name } = validate(organizationQuery, { ...ctx.query });
      const found = await organizations.list(caller, name);
      return { result: found.map((organization) => toOuterOrganization(organization, origin)) };
    },
  },
  {
    method: 'get',
    path: `${ORGANIZATIONS}/name/:organization_name`,
    tokens,
    permissions: may('read'),
    status: 200,
    operation: {
      id: 'getOrganizationByName',
      summary: 'Read an organization by its name',
      tag,
      answer: organizationAnswer,
    },
    handle: async (ctx, caller: AdminCaller) =>
      shown(ctx, await organizations.getByName(caller, pathName(ctx))),
  },
];

const singleRows = (organizations: OrganizationService, shown: Shown): Row[] => [
  {
    method: 'get',
    path: ONE,
    tokens,
    permissions: may('read'),
    status: 200,
    operation: { id: 'getOrganization', summary: 'Read an organization', tag, answer: organizationAnswer },
    handle: async (ctx, caller: AdminCaller) =>
      shown(ctx, await organizations.get(caller, pathId(ctx, 'organization_id'))),
  },
  {
    method: 'put',
    path: ONE,
    tokens,
    permissions: may('edit'),
    status: 200,
    operation: {
      id: 'updateOrganization',
      summary: 'Change an organization; absent fields stay',
      tag,
      body: updateOrganization,
      answer: organizationAnswer,
    },
    handle: async (ctx, caller: AdminCaller) => {
      const input = fromUpdateOrganization(validate(updateOrganization, bodyOf(ctx)));
      return shown(ctx, await organizations.update(caller, pathId(ctx, 'organization_id'), input));
    },
  },
  {
    method: 'delete',
    path: ONE,
    tokens,
    permissions: may('delete'),
    status: 204,
    operation: {
      id: 'deleteOrganization',
      summary: 'Delete an organization with its members; organizations that it manages stay',
      tag,
    },
    handle: (ctx, caller: AdminCaller) => organizations.remove(caller, pathId(ctx, 'organization_id')),
  },
];

const partRows = (organizations: OrganizationService, shown: Shown): Row[] => [
  {
    method: 'put',
    path: `${ONE}/apps`,
    tokens,
    permissions: may('edit'),
    status: 204,
    operation: {
      id: 'addAppsToOrganization',
      summary: 'Add applications to an organization',
      tag,
      body: appIds,
    },
    handle: async (ctx, caller: AdminCaller) => {
      const { app_ids } = validate(appIds, bodyOf(ctx));
      await organizations.addApps(caller, pathId(ctx, 'organization_id'), app_ids as AppId[]);
    },
  },
  {
    method: 'delete',
    path: `${ONE}/apps`,
    tokens,
    permissions: may('edit'),
    status: 204,
    operation: {
      id: 'removeAppsFromOrganization',
      summary: 'Take applications from an organization',
      tag,
      body: appIds,
    },
    handle: async (ctx, caller: AdminCaller) => {
      const { app_ids } = validate(appIds, bodyOf(ctx));
      await organizations.removeApps(caller, pathId(ctx, 'organization_id'), app_ids as AppId[]);
    },
  },
  {
    method: 'post',
    path: `${ONE}/logo`,
    tokens,
    permissions: may('edit'),
    status: 202,
    operation: {
      id: 'uploadLogo',
      summary: 'Set the logo: a PNG, JPEG, GIF or WebP picture as multipart/form-data',
      tag,
      body: logoUpload,
    },
    readBody: readFormOrJson,
    handle: async (ctx, caller: AdminCaller) => {
      validate(logoUpload, bodyOf(ctx));
      const organizationId = pathId<OrganizationId>(ctx, 'organization_id');
      const file = await uploadedFile(ctx, 'logo');
      // An organization that is not there is the answer also to a request without a file.
      await organizations.get(caller, organizationId);
      if (file === undefined) throw invalid('logo must be a file, sent as multipart/form-data');
      await organizations.setLogo(caller, organizationId, file);
    },
  },
  {
    method: 'post',
    path: `${ONE}/applications/:appId/managed-organizations`,
    tokens: ['admin', 'user'],
    permissions: may('create'),
    status: 201,
    operation: {
      id: 'createManagedOrganization',
      summary:
        'Create an organization under another one; with an admin token or that of an organization administrator',
      tag,
      body: createManagedOrganization,
      answer: organizationAnswer,
    },
    handle: async (ctx, caller: OrganizationCaller) => {
      const input = fromCreateOrganization(validate(createManagedOrganization, bodyOf(ctx)));
      const at = {
        organizationId: pathId<OrganizationId>(ctx, 'organization_id'),
        appId: pathId<AppId>(ctx, 'appId'),
      };
      return shown(ctx, await organizations.createManaged(caller, at, input));
    },
  },
];

/** Names are free texts. @throws 404 for one that cannot be kept. */
function pathName(ctx: Koa.Context): string {
  const { organization_name: name = '' } = ctx.params as Record<string, string | undefined>;
  if (!isStorable(name)) throw notFound('Organization not found');
  return name;
}
