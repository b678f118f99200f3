/** The table of the management API: builds one router from the rows of every noun. */
import Router from '@koa/router';
import type Koa from 'koa';
import type { ApplicationService } from '../applications/application-service.ts';
import type { Caller } from '../base/caller.ts';
import type { ClientService } from '../clients/client-service.ts';
import type { ConsentService } from '../consents/consent-service.ts';
import { readJsonBody } from '../http/json-body.ts';
import type { ApplicationKeyService } from '../keys/application-key-service.ts';
import type { ResourceService } from '../resources/resource-service.ts';
import { applicationRoutes } from './application-routes.ts';
import { clientRoutes } from './client-routes.ts';
import { consentRoutes } from './consent-routes.ts';
import { loginPreferencesRoutes } from './login-preferences-routes.ts';
import { managementApplicationRoutes } from './management-application-routes.ts';
import { assertMayCall } from './permission.ts';
import { resourceRoutes } from './resource-routes.ts';
import type { Row } from './route.ts';
import { secretRoutes } from './secret-routes.ts';
import { signingKeyRoutes } from './signing-key-routes.ts';

export interface AdminParts {
  /** @throws 401 without a good token. */
  authenticate(ctx: Koa.Context): Promise<Caller>;
  /** Resolves when this process obeys every change made so far. */
  changesSettled(): Promise<void>;
  readonly applications: ApplicationService;
  readonly managementApplications: ApplicationService;
  readonly clients: ClientService;
  readonly resources: ResourceService;
  readonly signingKeys: ApplicationKeyService;
  readonly consents: ConsentService;
  readonly users: readonly Row[];
  readonly roles: readonly Row[];
  readonly sessions: readonly Row[];
}

/** Every row of the management API; fixed paths come before those with a parameter. */
export const adminRows = (parts: AdminParts): readonly Row[] => [
  ...signingKeyRoutes(parts.signingKeys),
  ...applicationRoutes(parts.applications),
  ...loginPreferencesRoutes(parts.applications),
  ...managementApplicationRoutes(parts.managementApplications),
  ...clientRoutes(parts.clients),
  ...secretRoutes(parts.clients),
  ...resourceRoutes(parts.resources),
  ...consentRoutes(parts.consents),
  ...parts.users,
  ...parts.roles,
  ...parts.sessions,
];

/** One middleware that serves the whole table; a known path with another method is answered 405. */
export function createAdminRouter(parts: AdminParts): Koa.Middleware {
  const router = new Router();
  for (const row of adminRows(parts))
    router[row.method](row.path, (ctx) => serve(row, parts, ctx as unknown as Koa.Context));
  const routes = router.routes() as unknown as Koa.Middleware;
  const methods = router.allowedMethods() as unknown as Koa.Middleware;
  return async (ctx, next) => {
    await routes(ctx, () => methods(ctx, next));
    // The router says 501 to a method that it has never heard of; it is the caller's fault all the same.
    if (ctx.status === 501) ctx.status = 405;
  };
}

async function serve(
  row: Row,
  parts: Pick<AdminParts, 'authenticate' | 'changesSettled'>,
  ctx: Koa.Context,
): Promise<void> {
  const caller = withPrecondition(ctx, await parts.authenticate(ctx));
  assertMayCall(row, caller, ctx.params as { appId?: string });
  const body = await answer(row, ctx, caller);
  if (row.method !== 'get') await parts.changesSettled();
  ctx.set('cache-control', 'no-store');
  ctx.status = row.status;
  if (body !== undefined) ctx.body = body;
}

function withPrecondition(ctx: Koa.Context, caller: Caller): Caller {
  const ifMatch = ctx.get('if-match');
  return ifMatch === '' ? caller : { ...caller, ifMatch };
}

async function answer(row: Row, ctx: Koa.Context, caller: Caller): Promise<unknown> {
  try {
    await readJsonBody(ctx);
    return await row.handle(ctx, caller);
  } catch (error) {
    throw row.toFault?.(error) ?? error;
  }
}
