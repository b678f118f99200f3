/** Rows for client secrets, in both families of paths (contract/management-api.md section 4). */
import type { ManagementCaller } from '../base/caller.ts';
import type { ClientService } from '../clients/client-service.ts';
import { addressOf, CLIENT_FAMILIES, type ClientFamily } from './client-address.ts';
import { toOuterSecret } from './client-schema.ts';
import { pathId, type Row } from './route.ts';

const tokens = ['client', 'admin'] as const;

export const secretRoutes = (clients: ClientService): Row[] =>
  CLIENT_FAMILIES.flatMap((family) => rowsOf(family, clients));

const rowsOf = (family: ClientFamily, clients: ClientService): Row[] => [
  {
    method: 'post',
    path: `${family.base}/:clientId/secrets`,
    tokens,
    permissions: ['apps:create', '[appId]:create', 'apps:edit', '[appId]:edit'],
    status: 201,
    handle: async (ctx, caller: ManagementCaller) => {
      const { secret, value } = await clients.generateSecret(caller, addressOf(family, ctx, caller));
      return toOuterSecret(secret, value);
    },
  },
  {
    method: 'get',
    path: `${family.base}/:clientId/secrets`,
    tokens,
    permissions: ['apps:read', '[appId]:read'],
    status: 200,
    handle: async (ctx, caller: ManagementCaller) =>
      (await clients.listSecrets(caller, addressOf(family, ctx, caller))).map((secret) =>
        toOuterSecret(secret),
      ),
  },
  {
    method: 'delete',
    path: `${family.base}/:clientId/secrets/:secretId`,
    tokens,
    permissions: [
      'apps:delete',
      '[appId]:delete',
      'apps:create',
      '[appId]:create',
      'apps:edit',
      '[appId]:edit',
    ],
    status: 204,
    handle: (ctx, caller: ManagementCaller) =>
      clients.revokeSecret(caller, addressOf(family, ctx, caller), pathId(ctx, 'secretId')),
  },
];
