/** Rows for the token signing keys of the token's own application (contract/management-api.md section 8). */
import type { ManagementCaller } from '../base/caller.ts';
import { bodyOf, pathId, type Row, tagged } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { ApplicationKeyService } from '../keys/application-key-service.ts';
import {
  createSigningKey,
  signingKeyAnswer,
  signingKeysAnswer,
  toOuterSigningKey,
  updateSigningKey,
  uploadSigningKey,
} from './signing-key-schema.ts';

const tokens = ['client', 'admin'] as const;
const path = '/v1/applications/signing-keys';
const tag = 'Token signing keys';
const WRITE = ['apps:create', '[appId]:create', 'apps:edit', '[appId]:edit'];

/** They stand before `/v1/applications/{appId}`. */
export const signingKeyRoutes = (keys: ApplicationKeyService): Row[] => [
  {
    method: 'post',
    path,
    tokens,
    permissions: WRITE,
    status: 201,
    operation: {
      id: 'createClientTokenSigningKey',
      summary: 'Generate a signing key for the application',
      tag,
      body: createSigningKey,
      answer: signingKeyAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const { name } = validate(createSigningKey, bodyOf(ctx));
      return toOuterSigningKey(tagged(ctx, await keys.create(caller, name)));
    },
  },
  {
    method: 'get',
    path,
    tokens,
    permissions: ['apps:read', '[appId]:read'],
    status: 200,
    operation: {
      id: 'getClientTokenSigningKeys',
      summary: 'List the signing keys of the application',
      tag,
      answer: signingKeysAnswer,
    },
    handle: async (_ctx, caller: ManagementCaller) => (await keys.list(caller)).map(toOuterSigningKey),
  },
  {
    method: 'post',
    path: `${path}/upload`,
    tokens,
    permissions: WRITE,
    status: 201,
    operation: {
      id: 'uploadClientTokenSigningKey',
      summary: 'Bring a private key as JWK',
      tag,
      body: uploadSigningKey,
      answer: signingKeyAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = validate(uploadSigningKey, bodyOf(ctx));
      return toOuterSigningKey(tagged(ctx, await keys.upload(caller, input)));
    },
  },
  {
    method: 'put',
    path: `${path}/:id`,
    tokens,
    permissions: WRITE,
    status: 200,
    operation: {
      id: 'updateTokenSigningKey',
      summary: 'Rename a key, or let it sign, only validate, or rest',
      tag,
      body: updateSigningKey,
      answer: signingKeyAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const change = validate(updateSigningKey, bodyOf(ctx));
      return toOuterSigningKey(tagged(ctx, await keys.update(caller, pathId(ctx, 'id'), change)));
    },
  },
  {
    method: 'delete',
    path: `${path}/:id`,
    tokens,
    permissions: [...WRITE, 'apps:delete', '[appId]:delete'],
    status: 204,
    operation: {
      id: 'deleteClientTokenSigningKey',
      summary: 'Delete a key; tokens that it signed end at once',
      tag,
    },
    handle: (ctx, caller: ManagementCaller) => keys.remove(caller, pathId(ctx, 'id')),
  },
];
