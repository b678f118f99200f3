/** Rows for the identity provider of an organization (ours; contract/saml.md 3), open to administrators of the tenant. */
import type Koa from 'koa';
import type { AdminCaller } from '../base/caller.ts';
import { bodyOf, pathId, type Row, tagged } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type {
  IdentityProviderService,
  PlacedIdentityProvider,
} from '../organizations/identity-provider-service.ts';
import {
  fromIdentityProvider,
  identityProvider,
  identityProviderAnswer,
  toOuterIdentityProvider,
} from './identity-provider-schema.ts';

// Whoever sets it decides who is who: not for clients, nor for an organization's own administrators.
const tokens = ['admin'] as const;
const tag = 'Organizations';
const PATH = '/v1/organizations/:organization_id/identity-provider';
const may = (action: string): string[] => [`organizations:${action}`, `orgs:${action}`];

export interface IdentityProviderParts {
  readonly identityProviders: IdentityProviderService;
  /** Of the public address. */
  readonly origin: string;
}

export const identityProviderRoutes = ({ identityProviders, origin }: IdentityProviderParts): Row[] => {
  const shown = (ctx: Koa.Context, placed: PlacedIdentityProvider) => {
    tagged(ctx, placed.provider);
    return { result: toOuterIdentityProvider(placed, origin) };
  };
  return [
    {
      method: 'get',
      path: PATH,
      tokens,
      permissions: may('read'),
      status: 200,
      operation: {
        id: 'getOrganizationIdentityProvider',
        summary: 'Read the SAML identity provider of an organization, and what it has to be told about us',
        tag,
        versioned: true,
        answer: identityProviderAnswer,
      },
      handle: async (ctx, caller: AdminCaller) =>
        shown(ctx, await identityProviders.get(caller, pathId(ctx, 'organization_id'))),
    },
    {
      method: 'put',
      path: PATH,
      tokens,
      permissions: may('edit'),
      status: 200,
      operation: {
        id: 'setOrganizationIdentityProvider',
        summary: 'Set the SAML identity provider of an organization; replaces the whole of the one before',
        tag,
        versioned: true,
        body: identityProvider,
        answer: identityProviderAnswer,
      },
      handle: async (ctx, caller: AdminCaller) => {
        const input = fromIdentityProvider(validate(identityProvider, bodyOf(ctx)));
        return shown(ctx, await identityProviders.put(caller, pathId(ctx, 'organization_id'), input));
      },
    },
    {
      method: 'delete',
      path: PATH,
      tokens,
      permissions: may('edit'),
      status: 204,
      operation: {
        id: 'deleteOrganizationIdentityProvider',
        summary: 'Take the identity provider from an organization; nobody signs in there any more',
        tag,
        versioned: true,
      },
      handle: (ctx, caller: AdminCaller) => identityProviders.remove(caller, pathId(ctx, 'organization_id')),
    },
  ];
};
