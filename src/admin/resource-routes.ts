/** Rows for the tenant's resources (contract/management-api.md section 7). */
import type { ManagementCaller } from '../base/caller.ts';
import { validate } from '../http/validate.ts';
import type { ResourceService } from '../resources/resource-service.ts';
import {
  createResource,
  fromCreateResource,
  fromUpdateResource,
  resourceByUri,
  toOuterResource,
  updateResource,
} from './resource-schema.ts';
import { bodyOf, pathId, type Row } from './route.ts';

const tokens = ['client', 'admin'] as const;

export const resourceRoutes = (resources: ResourceService): Row[] => [
  {
    method: 'post',
    path: '/v1/resources',
    tokens,
    permissions: ['resources:create', 'apps:create', '[appId]:create'],
    status: 201,
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromCreateResource(validate(createResource, bodyOf(ctx)));
      return { result: toOuterResource(await resources.create(caller, input)) };
    },
  },
  {
    method: 'get',
    path: '/v1/resources',
    tokens,
    permissions: ['resources:list', 'resources:read'],
    status: 200,
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
    handle: async (ctx, caller: ManagementCaller) => {
      const { resourceUri } = validate(resourceByUri, { ...ctx.query });
      return { result: toOuterResource(await resources.getByUri(caller, resourceUri)) };
    },
  },
  {
    method: 'put',
    path: '/v1/resources/:resourceId',
    tokens,
    permissions: ['resources:edit', 'apps:edit', '[appId]:edit'],
    status: 200,
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromUpdateResource(validate(updateResource, bodyOf(ctx)));
      return { result: toOuterResource(await resources.update(caller, pathId(ctx, 'resourceId'), input)) };
    },
  },
  {
    method: 'delete',
    path: '/v1/resources/:resourceId',
    tokens,
    permissions: ['resources:delete', 'apps:delete', '[appId]:delete'],
    status: 204,
    handle: (ctx, caller: ManagementCaller) => resources.remove(caller, pathId(ctx, 'resourceId')),
  },
];
