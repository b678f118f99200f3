/** Rows for the tenant's resources (contract/management-api.md section 7). */
import type { ManagementCaller } from '../base/caller.ts';
import { bodyOf, pathId, type Row, tagged } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { ResourceService } from '../resources/resource-service.ts';
import { resourceAnswer, resourcesAnswer } from './resource-answer-schema.ts';
import {
  createResource,
  fromCreateResource,
  fromUpdateResource,
  resourceByUri,
  toOuterResource,
  updateResource,
} from './resource-schema.ts';

const tokens = ['client', 'admin'] as const;
const tag = 'Resources';

export const resourceRoutes = (resources: ResourceService): Row[] => [
  {
    method: 'post',
    path: '/v1/resources',
    tokens,
    permissions: ['resources:create', 'apps:create', '[appId]:create'],
    status: 201,
    operation: {
      id: 'createResource',
      summary: 'Create a resource',
      tag,
      body: createResource,
      answer: resourceAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromCreateResource(validate(createResource, bodyOf(ctx)));
      return { result: toOuterResource(tagged(ctx, await resources.create(caller, input))) };
    },
  },
  {
    method: 'get',
    path: '/v1/resources',
    tokens,
    permissions: ['resources:list', 'resources:read'],
    status: 200,
    operation: {
      id: 'getResources',
      summary: 'List the resources of the tenant',
      tag,
      answer: resourcesAnswer,
    },
    handle: async (_ctx, caller: ManagementCaller) => ({
      result: (await resources.list(caller)).map(toOuterResource),
    }),
  },
  {
    method: 'get',
    path: '/v1/resources/uri',
    tokens,
    permissions: ['resources:read', 'apps:read', '[appId]:read'],
    status: 200,
    operation: {
      id: 'getResourcesByUri',
      summary: 'Read the resource with this URI',
      tag,
      query: resourceByUri,
      answer: resourceAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const { resourceUri } = validate(resourceByUri, { ...ctx.query });
      return { result: toOuterResource(tagged(ctx, await resources.getByUri(caller, resourceUri))) };
    },
  },
  {
    method: 'put',
    path: '/v1/resources/:resourceId',
    tokens,
    permissions: ['resources:edit', 'apps:edit', '[appId]:edit'],
    status: 200,
    operation: {
      id: 'updateResource',
      summary: 'Change a resource; absent fields stay',
      tag,
      body: updateResource,
      answer: resourceAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromUpdateResource(validate(updateResource, bodyOf(ctx)));
      const updated = await resources.update(caller, pathId(ctx, 'resourceId'), input);
      return { result: toOuterResource(tagged(ctx, updated)) };
    },
  },
  {
    method: 'delete',
    path: '/v1/resources/:resourceId',
    tokens,
    permissions: ['resources:delete', 'apps:delete', '[appId]:delete'],
    status: 204,
    operation: {
      id: 'deleteResource',
      summary: 'Delete a resource that is on the list of no client',
      tag,
    },
    handle: (ctx, caller: ManagementCaller) => resources.remove(caller, pathId(ctx, 'resourceId')),
  },
];
