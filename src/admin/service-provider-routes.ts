/** Rows for service providers of the older form (contract/management-api.md 15). */
import type { ManagementCaller } from '../base/caller.ts';
import type { ServiceProviderId } from '../base/ids.ts';
import { bodyOf, pathId, type Row, tagged } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { ServiceProviderService } from '../service-providers/service-provider-service.ts';
import {
  createServiceProvider,
  fromCreateServiceProvider,
  fromUpdateServiceProvider,
  serviceProviderAnswer,
  serviceProviderListAnswer,
  toOuterServiceProvider,
  updateServiceProvider,
} from './service-provider-schema.ts';

const tokens = ['client', 'admin'] as const;
const tag = 'Service providers';
const BASE = '/v1/serviceprovider/saml2';

/** @param origin of PUBLIC_URL */
export const serviceProviderRoutes = (providers: ServiceProviderService, origin: string): Row[] => [
  ...listRows(providers, origin),
  ...singleRows(providers, origin),
];

const listRows = (providers: ServiceProviderService, origin: string): Row[] => [
  {
    method: 'post',
    path: BASE,
    tokens,
    permissions: ['service-providers:create'],
    status: 201,
    operation: {
      id: 'createServiceProvider',
      summary: 'Create a service provider',
      tag,
      body: createServiceProvider,
      answer: serviceProviderAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromCreateServiceProvider(validate(createServiceProvider, bodyOf(ctx)));
      return { result: toOuterServiceProvider(await providers.create(caller, input), origin) };
    },
  },
  {
    method: 'get',
    path: BASE,
    tokens,
    permissions: ['service-providers:read', 'service-providers:list'],
    status: 200,
    operation: {
      id: 'getServiceProviders',
      summary: 'List the service providers of the tenant',
      tag,
      answer: serviceProviderListAnswer,
    },
    handle: async (_ctx, caller: ManagementCaller) => ({
      result: (await providers.list(caller)).map((provider) => toOuterServiceProvider(provider, origin)),
    }),
  },
];

const singleRows = (providers: ServiceProviderService, origin: string): Row[] => [
  // Ours: the version that a change is made over is read here.
  {
    method: 'get',
    path: `${BASE}/:serviceProviderId`,
    tokens,
    permissions: ['service-providers:read'],
    status: 200,
    operation: {
      id: 'getServiceProvider',
      summary: 'Read a service provider',
      tag,
      answer: serviceProviderAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const provider = await providers.get(caller, pathId<ServiceProviderId>(ctx, 'serviceProviderId'));
      return { result: toOuterServiceProvider(tagged(ctx, provider), origin) };
    },
  },
  {
    method: 'put',
    path: `${BASE}/:serviceProviderId`,
    tokens,
    permissions: ['service-providers:edit'],
    status: 200,
    operation: {
      id: 'updateServiceProvider',
      summary: 'Change a service provider',
      tag,
      body: updateServiceProvider,
      answer: serviceProviderAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromUpdateServiceProvider(validate(updateServiceProvider, bodyOf(ctx)));
      const id = pathId<ServiceProviderId>(ctx, 'serviceProviderId');
      const provider = await providers.update(caller, id, input);
      return { result: toOuterServiceProvider(tagged(ctx, provider), origin) };
    },
  },
  {
    method: 'delete',
    path: `${BASE}/:serviceProviderId`,
    tokens,
    permissions: ['service-providers:delete'],
    status: 204,
    operation: {
      id: 'deleteServiceProvider',
      summary: 'Delete a service provider that no application uses',
      tag,
    },
    handle: (ctx, caller: ManagementCaller) =>
      providers.remove(caller, pathId<ServiceProviderId>(ctx, 'serviceProviderId')),
  },
];
