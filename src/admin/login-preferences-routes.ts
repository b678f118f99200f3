/** Rows for the settings of the ways to sign in to an application (contract/management-api.md section 1). */
import type { ApplicationService } from '../applications/application-service.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { bodyOf, pathId, type Row, tagged } from '../http/route.ts';
import { authMethods, authMethodsAnswer, parseAuthMethods } from './login-preferences-schema.ts';

const tokens = ['client', 'admin'] as const;
const tag = 'Login preferences';

export const loginPreferencesRoutes = (applications: ApplicationService): Row[] => [
  {
    method: 'get',
    path: '/loginPreferences/:appId',
    tokens,
    permissions: ['apps:read', '[appId]:read', 'authentication-methods:read'],
    status: 200,
    operation: {
      id: 'getLoginPreferences',
      summary: 'Read the settings of the ways to sign in',
      tag,
      answer: authMethodsAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const { application } = await applications.get(caller, pathId(ctx, 'appId'));
      return { result: tagged(ctx, application.settings.login_preferences) };
    },
  },
  {
    method: 'put',
    path: '/loginPreferences/:appId/authMethods',
    tokens,
    permissions: ['apps:edit', '[appId]:edit', 'authentication-methods:edit'],
    status: 200,
    operation: {
      id: 'updateAuthMethods',
      summary: 'Replace the methods that are named; others stay',
      tag,
      body: authMethods,
      answer: authMethodsAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const methods = parseAuthMethods(bodyOf(ctx));
      const { application } = await applications.setAuthMethods(caller, pathId(ctx, 'appId'), methods);
      return { result: tagged(ctx, application.settings.login_preferences) };
    },
  },
];
