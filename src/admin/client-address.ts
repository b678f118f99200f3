/** The two families of client paths: by application, and of the token's own application (contract R1 to R4). */
import type Koa from 'koa';
import type { ManagementCaller } from '../base/caller.ts';
import type { AppId, ClientId } from '../base/ids.ts';
import type { ClientAddress } from '../clients/client-service.ts';
import { pathId } from '../http/route.ts';

export interface ClientFamily {
  readonly base: string;
  appId(ctx: Koa.Context, caller: ManagementCaller): AppId;
  /** The permissions of the application-level twin, as this family names them. */
  permissions(...names: string[]): string[];
}

const inAnyApplication: ClientFamily = {
  base: '/v1/applications/:appId/clients',
  appId: (ctx) => pathId<AppId>(ctx, 'appId'),
  permissions: (...names) => names,
};
const inOwnApplication: ClientFamily = {
  base: '/v1/clients',
  appId: (_ctx, caller) => caller.appId,
  permissions: (...names) => [...names, ...names.map((name) => name.replace(/^apps:/, '[appId]:'))],
};
export const CLIENT_FAMILIES: readonly ClientFamily[] = [inAnyApplication, inOwnApplication];

/** The client that a path of this family names. */
export const addressOf = (
  family: ClientFamily,
  ctx: Koa.Context,
  caller: ManagementCaller,
): ClientAddress => ({
  appId: family.appId(ctx, caller),
  clientId: pathId<ClientId>(ctx, 'clientId'),
});
