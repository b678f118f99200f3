/** Rows for the OpenID Connect provider of an organization (ours; contract/saml.md 3), open to administrators of the tenant. */
import type Koa from 'koa';
import type { AdminCaller } from '../base/caller.ts';
import { bodyOf, pathId, type Row, tagged } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { OidcIdentityProvider } from '../organizations/oidc-identity-provider.ts';
import type { OidcIdentityProviderService } from '../organizations/oidc-identity-provider-service.ts';
import {
  fromOidcIdentityProvider,
  oidcIdentityProvider,
  oidcIdentityProviderAnswer,
  toOuterOidcIdentityProvider,
} from './oidc-identity-provider-schema.ts';

// Whoever sets it decides who is who: not for clients, nor for an organization's own administrators.
const tokens = ['admin'] as const;
const tag = 'Organizations';
const PATH = '/v1/organizations/:organization_id/oidc-identity-provider';
const may = (action: string): string[] => [`organizations:${action}`, `orgs:${action}`];

export interface OidcIdentityProviderParts {
  readonly oidcIdentityProviders: OidcIdentityProviderService;
  /** Of the public address. */
  readonly origin: string;
}

export const oidcIdentityProviderRoutes = (parts: OidcIdentityProviderParts): Row[] => {
  const { oidcIdentityProviders: providers, origin } = parts;
  const shown = (ctx: Koa.Context, provider: OidcIdentityProvider) => ({
    result: toOuterOidcIdentityProvider(tagged(ctx, provider), origin),
  });
  return [
    {
      method: 'get',
      path: PATH,
      tokens,
      permissions: may('read'),
      status: 200,
      operation: {
        id: 'getOrganizationOidcIdentityProvider',
        summary: 'Read the OpenID Connect provider of an organization, and what it has to be told about us',
        tag,
        versioned: true,
        answer: oidcIdentityProviderAnswer,
      },
      handle: async (ctx, caller: AdminCaller) =>
        shown(ctx, await providers.get(caller, pathId(ctx, 'organization_id'))),
    },
    {
      method: 'put',
      path: PATH,
      tokens,
      permissions: may('edit'),
      status: 200,
      operation: {
        id: 'setOrganizationOidcIdentityProvider',
        summary: 'Set the OpenID Connect provider of an organization; replaces the whole of the one before',
        tag,
        versioned: true,
        body: oidcIdentityProvider,
        answer: oidcIdentityProviderAnswer,
      },
      handle: async (ctx, caller: AdminCaller) => {
        const input = fromOidcIdentityProvider(validate(oidcIdentityProvider, bodyOf(ctx)));
        return shown(ctx, await providers.put(caller, pathId(ctx, 'organization_id'), input));
      },
    },
    {
      method: 'delete',
      path: PATH,
      tokens,
      permissions: may('edit'),
      status: 204,
      operation: {
        id: 'deleteOrganizationOidcIdentityProvider',
        summary: 'Take the OpenID Connect provider from an organization; nobody signs in there any more',
        tag,
        versioned: true,
      },
      handle: (ctx, caller: AdminCaller) => providers.remove(caller, pathId(ctx, 'organization_id')),
    },
  ];
};
