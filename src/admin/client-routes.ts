/** Rows for clients, in both families of paths (contract/management-api.md sections 2 and 3). */
import type { ManagementCaller } from '../base/caller.ts';
import type { ClientService } from '../clients/client-service.ts';
import { validate } from '../http/validate.ts';
import { addressOf, CLIENT_FAMILIES, type ClientFamily } from './client-address.ts';
import { parseCreateClient, parseUpdateClient, resourceIds, toOuterClient } from './client-schema.ts';
import { bodyOf, type Row, tagged } from './route.ts';

const tokens = ['client', 'admin'] as const;

export const clientRoutes = (clients: ClientService): Row[] =>
  CLIENT_FAMILIES.flatMap((family) => [...listRows(family, clients), ...singleRows(family, clients)]);

const listRows = (family: ClientFamily, clients: ClientService): Row[] => [
  {
    method: 'post',
    path: family.base,
    tokens,
    permissions: family.permissions('apps:create', 'apps:edit'),
    status: 201,
    handle: async (ctx, caller: ManagementCaller) => {
      const input = parseCreateClient(bodyOf(ctx));
      const created = await clients.create(caller, family.appId(ctx, caller), input);
      return toOuterClient(created.client, created.clientSecret);
    },
  },
  {
    method: 'get',
    path: family.base,
    tokens,
    permissions: family.permissions('apps:read'),
    status: 200,
    handle: async (ctx, caller: ManagementCaller) =>
      (await clients.list(caller, family.appId(ctx, caller))).map((client) => toOuterClient(client)),
  },
  {
    method: 'delete',
    path: family.base,
    tokens,
    permissions: family.permissions('apps:delete', 'apps:create', 'apps:edit'),
    status: 204,
    handle: (ctx, caller: ManagementCaller) => clients.removeAll(caller, family.appId(ctx, caller)),
  },
];

const singleRows = (family: ClientFamily, clients: ClientService): Row[] => [
  {
    method: 'get',
    path: `${family.base}/:clientId`,
    tokens,
    permissions: family.permissions('apps:read'),
    status: 200,
    handle: async (ctx, caller: ManagementCaller) =>
      toOuterClient(tagged(ctx, await clients.get(caller, addressOf(family, ctx, caller)))),
  },
  {
    method: 'put',
    path: `${family.base}/:clientId`,
    tokens,
    permissions: family.permissions('apps:edit', 'apps:create'),
    status: 200,
    handle: async (ctx, caller: ManagementCaller) => {
      const input = parseUpdateClient(bodyOf(ctx));
      return toOuterClient(tagged(ctx, await clients.update(caller, addressOf(family, ctx, caller), input)));
    },
  },
  {
    method: 'delete',
    path: `${family.base}/:clientId`,
    tokens,
    permissions: family.permissions('apps:delete', 'apps:create', 'apps:edit'),
    status: 204,
    handle: (ctx, caller: ManagementCaller) => clients.remove(caller, addressOf(family, ctx, caller)),
  },
  {
    method: 'put',
    path: `${family.base}/:clientId/resources`,
    tokens,
    permissions: family.permissions('apps:edit', 'apps:create'),
    status: 200,
    handle: async (ctx, caller: ManagementCaller) => {
      const { resource_ids } = validate(resourceIds, bodyOf(ctx));
      return toOuterClient(await clients.setResources(caller, addressOf(family, ctx, caller), resource_ids));
    },
  },
];
