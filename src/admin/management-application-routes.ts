/** Rows for management applications (contract/management-api.md section 9, C29). */
import type { ApplicationService } from '../applications/application-service.ts';
import type { AdminCaller } from '../base/caller.ts';
import { bodyOf, pathId, type Row, tagged } from '../http/route.ts';
import { applicationAnswer, applicationsAnswer } from './application-answer-schema.ts';
import { toOuterApplication } from './application-schema.ts';
import {
  createManagementApplication,
  parseCreateManagementApplication,
  parseUpdateManagementApplication,
  updateManagementApplication,
} from './management-application-schema.ts';

const tokens = ['admin'] as const;
const path = '/v1/management/applications';
const tag = 'Management applications';

/** `applications` is the service of the kind `management`. */
export const managementApplicationRoutes = (applications: ApplicationService): Row[] => [
  {
    method: 'post',
    path,
    tokens,
    permissions: ['apps:create'],
    status: 201,
    operation: {
      id: 'createManagementApp',
      summary: 'Create a management application with its default client',
      tag,
      body: createManagementApplication,
      answer: applicationAnswer,
    },
    handle: async (ctx, caller: AdminCaller) => {
      const created = await applications.create(caller, parseCreateManagementApplication(bodyOf(ctx)));
      const { application, client, clientSecret } = created;
      return { result: toOuterApplication(tagged(ctx, { application, client }), clientSecret) };
    },
  },
  {
    method: 'get',
    path,
    tokens,
    permissions: ['apps:read', 'apps:list'],
    status: 200,
    operation: {
      id: 'getManagementApps',
      summary: 'List the management applications',
      tag,
      answer: applicationsAnswer,
    },
    handle: async (_ctx, caller: AdminCaller) => ({
      result: (await applications.list(caller)).map((shown) => toOuterApplication(shown)),
    }),
  },
  {
    method: 'put',
    path: `${path}/:appId`,
    tokens,
    permissions: ['apps:edit'],
    status: 200,
    operation: {
      id: 'updateManagementApp',
      summary: 'Change a management application',
      tag,
      body: updateManagementApplication,
      answer: applicationAnswer,
    },
    handle: async (ctx, caller: AdminCaller) => {
      const input = parseUpdateManagementApplication(bodyOf(ctx));
      const shown = await applications.update(caller, pathId(ctx, 'appId'), input);
      return { result: toOuterApplication(tagged(ctx, shown)) };
    },
  },
  {
    method: 'delete',
    path: `${path}/:appId`,
    tokens,
    permissions: ['apps:delete'],
    status: 204,
    operation: {
      id: 'deleteManagementApp',
      summary: 'Delete a management application; its tokens end at once',
      tag,
    },
    handle: (ctx, caller: AdminCaller) => applications.remove(caller, pathId(ctx, 'appId')),
  },
];
