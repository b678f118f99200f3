/** Rows for applications (contract/management-api.md section 1). */
import type { ApplicationService } from '../applications/application-service.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { bodyOf, pathId, type Row, tagged } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import {
  applicationAnswer,
  applicationsWithoutLogoAnswer,
  basicApplicationsAnswer,
} from './application-answer-schema.ts';
import {
  createApplication,
  parseCreateApplication,
  parseUpdateApplication,
  toOuterApplication,
  toOuterBasic,
  toOuterWithoutLogo,
  updateApplication,
} from './application-schema.ts';
import { resourceIds } from './client-schema.ts';

const tokens = ['client', 'admin'] as const;
const tag = 'Applications';

export const applicationRoutes = (applications: ApplicationService): Row[] => [
  ...listRows(applications),
  ...singleRows(applications),
];

const listRows = (applications: ApplicationService): Row[] => [
  {
    method: 'post',
    path: '/v1/applications',
    tokens,
    permissions: ['apps:create', '[appId]:create'],
    status: 201,
    operation: {
      id: 'createApp',
      summary: 'Create an application with its default client',
      tag,
      body: createApplication,
      answer: applicationAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const created = await applications.create(caller, parseCreateApplication(bodyOf(ctx)));
      const { application, client, clientSecret } = created;
      return { result: toOuterApplication(tagged(ctx, { application, client }), clientSecret) };
    },
  },
  {
    method: 'get',
    path: '/v1/applications',
    tokens,
    permissions: ['apps:read', 'apps:list', '[appId]:read', '[appId]:list'],
    status: 200,
    operation: {
      id: 'getAllApps',
      summary: 'List the applications in reach, without their logos',
      tag,
      answer: applicationsWithoutLogoAnswer,
    },
    handle: async (_ctx, caller: ManagementCaller) => ({
      result: (await applications.list(caller)).map((shown) => toOuterWithoutLogo(shown)),
    }),
  },
  {
    method: 'get',
    path: '/v1/applications/list',
    tokens,
    permissions: ['apps:list', 'users:read', 'organizations:read', 'roles:read', 'orgs:read', '[appId]:list'],
    status: 200,
    operation: {
      id: 'getAppsList',
      summary: 'List the applications in reach in short form',
      tag,
      answer: basicApplicationsAnswer,
    },
    handle: async (_ctx, caller: ManagementCaller) => ({
      result: (await applications.listBare(caller)).map(toOuterBasic),
    }),
  },
];

const singleRows = (applications: ApplicationService): Row[] => [
  {
    method: 'get',
    path: '/v1/applications/:appId',
    tokens,
    permissions: ['apps:read', '[appId]:read'],
    status: 200,
    operation: {
      id: 'getAppById',
      summary: 'Read an application with its default client',
      tag,
      answer: applicationAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => ({
      result: toOuterApplication(tagged(ctx, await applications.get(caller, pathId(ctx, 'appId')))),
    }),
  },
  {
    method: 'put',
    path: '/v1/applications/:appId',
    tokens,
    permissions: ['apps:edit', '[appId]:edit'],
    status: 200,
    operation: {
      id: 'updateApp',
      summary: 'Change an application or its default client; absent fields stay',
      tag,
      body: updateApplication,
      answer: applicationAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = parseUpdateApplication(bodyOf(ctx));
      const shown = await applications.update(caller, pathId(ctx, 'appId'), input);
      return { result: toOuterApplication(tagged(ctx, shown)) };
    },
  },
  {
    method: 'delete',
    path: '/v1/applications/:appId',
    tokens,
    permissions: ['apps:delete', '[appId]:delete'],
    status: 204,
    operation: {
      id: 'deleteApp',
      summary: 'Delete an application with its clients, roles and keys',
      tag,
    },
    handle: (ctx, caller: ManagementCaller) => applications.remove(caller, pathId(ctx, 'appId')),
  },
  {
    method: 'put',
    path: '/v1/applications/:appId/resources',
    tokens,
    permissions: ['apps:edit', '[appId]:edit'],
    status: 200,
    operation: {
      id: 'updateResourcesInApp',
      summary: 'Replace the resource list of the default client',
      tag,
      body: resourceIds,
      answer: applicationAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const { resource_ids } = validate(resourceIds, bodyOf(ctx));
      const shown = await applications.setResources(caller, pathId(ctx, 'appId'), resource_ids);
      return { result: toOuterApplication(tagged(ctx, shown)) };
    },
  },
];
