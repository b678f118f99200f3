/** Rows for clients, in both families of paths (contract/management-api.md sections 2 and 3). */
import type { ManagementCaller } from '../base/caller.ts';
import type { ClientService } from '../clients/client-service.ts';
import { bodyOf, type Operation, type Row, tagged } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import {
  createClient,
  parseCreateClient,
  parseUpdateClient,
  toOuterClient,
  updateClient,
} from './any-client-schema.ts';
import { addressOf, CLIENT_FAMILIES, type ClientFamily } from './client-address.ts';
import { clientAnswer, clientListAnswer } from './client-answer-schema.ts';
import { resourceIds } from './client-schema.ts';

const tokens = ['client', 'admin'] as const;

/** @param origin of PUBLIC_URL */
export const clientRoutes = (clients: ClientService, origin: string): Row[] =>
  CLIENT_FAMILIES.flatMap((family) => [
    ...listRows(family, clients, origin),
    ...singleRows(family, clients, origin),
  ]);

/** The published id belongs to the family of the applications; the twin is ours (contract/openapi.json). */
const described = (
  { base }: ClientFamily,
  id: string,
  summary: string,
  schemas: Pick<Operation, 'body' | 'answer'> = {},
): Operation => ({
  id: base === '/v1/clients' ? id.replace('App', 'Own') : id,
  summary,
  tag: 'Clients',
  ...schemas,
});

const listRows = (family: ClientFamily, clients: ClientService, origin: string): Row[] => [
  {
    method: 'post',
    path: family.base,
    tokens,
    permissions: family.permissions('apps:create', 'apps:edit'),
    status: 201,
    operation: described(family, 'createAppClient', 'Create an OIDC or SAML client', {
      body: createClient,
      answer: clientAnswer,
    }),
    handle: async (ctx, caller: ManagementCaller) => {
      const input = parseCreateClient(bodyOf(ctx));
      const created = await clients.create(caller, family.appId(ctx, caller), input);
      return toOuterClient(created.client, origin, created.clientSecret);
    },
  },
  {
    method: 'get',
    path: family.base,
    tokens,
    permissions: family.permissions('apps:read'),
    status: 200,
    operation: described(family, 'getAppClients', 'List the clients of an application', {
      answer: clientListAnswer,
    }),
    handle: async (ctx, caller: ManagementCaller) =>
      (await clients.list(caller, family.appId(ctx, caller))).map((client) => toOuterClient(client, origin)),
  },
  {
    method: 'delete',
    path: family.base,
    tokens,
    permissions: family.permissions('apps:delete', 'apps:create', 'apps:edit'),
    status: 204,
    operation: described(family, 'deleteAppClients', 'Delete all clients of an application'),
    handle: (ctx, caller: ManagementCaller) => clients.removeAll(caller, family.appId(ctx, caller)),
  },
];

const singleRows = (family: ClientFamily, clients: ClientService, origin: string): Row[] => [
  {
    method: 'get',
    path: `${family.base}/:clientId`,
    tokens,
    permissions: family.permissions('apps:read'),
    status: 200,
    operation: described(family, 'getAppClientById', 'Read a client', { answer: clientAnswer }),
    handle: async (ctx, caller: ManagementCaller) =>
      toOuterClient(tagged(ctx, await clients.get(caller, addressOf(family, ctx, caller))), origin),
  },
  {
    method: 'put',
    path: `${family.base}/:clientId`,
    tokens,
    permissions: family.permissions('apps:edit', 'apps:create'),
    status: 200,
    operation: described(family, 'updateAppClient', 'Change a client', {
      body: updateClient,
      answer: clientAnswer,
    }),
    handle: async (ctx, caller: ManagementCaller) => {
      const input = parseUpdateClient(bodyOf(ctx));
      const updated = await clients.update(caller, addressOf(family, ctx, caller), input);
      return toOuterClient(tagged(ctx, updated), origin);
    },
  },
  {
    method: 'delete',
    path: `${family.base}/:clientId`,
    tokens,
    permissions: family.permissions('apps:delete', 'apps:create', 'apps:edit'),
    status: 204,
    operation: described(family, 'deleteAppClient', 'Delete a client'),
    handle: (ctx, caller: ManagementCaller) => clients.remove(caller, addressOf(family, ctx, caller)),
  },
  {
    method: 'put',
    path: `${family.base}/:clientId/resources`,
    tokens,
    permissions: family.permissions('apps:edit', 'apps:create'),
    status: 200,
    operation: described(family, 'updateAppClientResources', 'Replace the resources of a client', {
      body: resourceIds,
      answer: clientAnswer,
    }),
    handle: async (ctx, caller: ManagementCaller) => {
      const { resource_ids } = validate(resourceIds, bodyOf(ctx));
      const updated = await clients.setResources(caller, addressOf(family, ctx, caller), resource_ids);
      return toOuterClient(updated, origin);
    },
  },
];
