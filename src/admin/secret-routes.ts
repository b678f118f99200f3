/** Rows for client secrets, in both families of paths (contract/management-api.md section 4). */
import type { ManagementCaller } from '../base/caller.ts';
import type { ClientService } from '../clients/client-service.ts';
import { pathId, type Row } from '../http/route.ts';
import { addressOf, CLIENT_FAMILIES, type ClientFamily } from './client-address.ts';
import { toOuterSecret } from './client-schema.ts';
import { secretAnswer, secretsAnswer } from './secret-answer-schema.ts';

const tokens = ['client', 'admin'] as const;
const tag = 'Client secrets';

interface Names {
  readonly generate: string;
  readonly list: string;
  readonly revoke: string;
}
const PUBLISHED: Names = {
  generate: 'clientsGenerateSecret',
  list: 'clientsGetActiveSecrets',
  revoke: 'clientsRevokeSecret',
};
/** Ours, so that a management application can rotate for every application. */
const BY_APPLICATION: Names = {
  generate: 'appClientsGenerateSecret',
  list: 'appClientsGetActiveSecrets',
  revoke: 'appClientsRevokeSecret',
};

export const secretRoutes = (clients: ClientService): Row[] =>
  CLIENT_FAMILIES.flatMap((family) =>
    rowsOf(family, clients, family.base.includes(':appId') ? BY_APPLICATION : PUBLISHED),
  );

const rowsOf = (family: ClientFamily, clients: ClientService, names: Names): Row[] => [
  {
    method: 'post',
    path: `${family.base}/:clientId/secrets`,
    tokens,
    permissions: ['apps:create', '[appId]:create', 'apps:edit', '[appId]:edit'],
    status: 201,
    operation: {
      id: names.generate,
      summary: 'Generate a second secret; its value is shown this once',
      tag,
      answer: secretAnswer,
    },
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
    operation: {
      id: names.list,
      summary: 'List the active secrets, without their values',
      tag,
      answer: secretsAnswer,
    },
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
    operation: {
      id: names.revoke,
      summary: 'Revoke a secret; the last one stays',
      tag,
    },
    handle: (ctx, caller: ManagementCaller) =>
      clients.revokeSecret(caller, addressOf(family, ctx, caller), pathId(ctx, 'secretId')),
  },
];
