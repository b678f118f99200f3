/** The table of the management API: builds one router from the rows of every noun. */
import Router from '@koa/router';
import type Koa from 'koa';
import type { ApplicationService } from '../applications/application-service.ts';
import type { Caller } from '../base/caller.ts';
import type { ClientService } from '../clients/client-service.ts';
import type { ConsentService } from '../consents/consent-service.ts';
import { readJsonBody } from '../http/json-body.ts';
import { assertMayCall } from '../http/permission.ts';
import type { Row } from '../http/route.ts';
import type { ApplicationKeyService } from '../keys/application-key-service.ts';
import type { ResourceService } from '../resources/resource-service.ts';
import { applicationRoutes } from './application-routes.ts';
import { clientRoutes } from './client-routes.ts';
import { consentRoutes } from './consent-routes.ts';
import { loginPreferencesRoutes } from './login-preferences-routes.ts';
import { managementApplicationRoutes } from './management-application-routes.ts';
import type { Described } from './openapi-document.ts';
import { referenceRoutes } from './reference-routes.ts';
import { resourceRoutes } from './resource-routes.ts';
import { secretRoutes } from './secret-routes.ts';
import { signingKeyRoutes } from './signing-key-routes.ts';

export interface AdminParts {
  /** @throws 401 without a good token. */
  authenticate(ctx: Koa.Context): Promise<Caller>;
  /** Resolves when this process obeys every change made so far. */
  changesSettled(): Promise<void>;
  /** Operations that another face serves, for the reference. */
  readonly describedElsewhere: readonly Described[];
  readonly applications: ApplicationService;
  readonly managementApplications: ApplicationService;
  readonly clients: ClientService;
  readonly resources: ResourceService;
  readonly signingKeys: ApplicationKeyService;
  readonly consents: ConsentService;
  /** Of PUBLIC_URL, without a slash at its end. */
  readonly origin: string;
  readonly users: readonly Row[];
  readonly roles: readonly Row[];
  readonly groups: readonly Row[];
  readonly organizations: readonly Row[];
  readonly sso: readonly Row[];
  readonly outbox: readonly Row[];
}

/** Every row of the management API; fixed paths come before those with a parameter. */
export const adminRows = (parts: AdminParts): readonly Row[] => [
  ...signingKeyRoutes(parts.signingKeys),
  ...applicationRoutes(parts.applications),
  ...loginPreferencesRoutes(parts.applications),
  ...managementApplicationRoutes(parts.managementApplications),
  ...clientRoutes(parts.clients, parts.origin),
  ...secretRoutes(parts.clients),
  ...resourceRoutes(parts.resources),
  ...consentRoutes(parts.consents),
  ...parts.users,
  ...parts.roles,
  ...parts.groups,
  ...parts.organizations,
  ...parts.sso,
  ...parts.outbox,
];

/** One middleware that serves the whole table and its reference; a known path with another method is answered 405. */
export function createAdminRouter(parts: AdminParts): Koa.Middleware {
  const router = new Router();
  const rows = adminRows(parts);
  const reference = referenceRoutes([...rows, ...parts.describedElsewhere]);
  for (const row of rows)
    router[row.method](row.path, (ctx) => serve(row, parts, ctx as unknown as Koa.Context));
  const routes = router.routes() as unknown as Koa.Middleware;
  const methods = router.allowedMethods() as unknown as Koa.Middleware;
  return async (ctx, next) => {
    await routes(ctx, () => methods(ctx, () => reference(ctx, next)));
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
  // Without one koa would write the status in words; a 204 has no content anyway.
  if (body !== undefined || row.status !== 204) ctx.body = body ?? '';
}

function withPrecondition(ctx: Koa.Context, caller: Caller): Caller {
  const ifMatch = ctx.get('if-match');
  return ifMatch === '' ? caller : { ...caller, ifMatch };
}

async function answer(row: Row, ctx: Koa.Context, caller: Caller): Promise<unknown> {
  try {
    await (row.readBody ?? readJsonBody)(ctx);
    return await row.handle(ctx, caller);
  } catch (error) {
    throw row.toFault?.(error) ?? error;
  }
}
