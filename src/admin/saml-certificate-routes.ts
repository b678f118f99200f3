/** Rows for SAML signing certificates, below clients in both families of paths and below service providers (ours). */
import type Koa from 'koa';
import type { ManagementCaller } from '../base/caller.ts';
import type { ServiceProviderId } from '../base/ids.ts';
import type { ClientAddress } from '../clients/client-service.ts';
import { bodyOf, pathId, type Row, tagged } from '../http/route.ts';
import { type Schema, validate } from '../http/validate.ts';
import type { SamlCertificateService } from '../keys/saml-certificate-service.ts';
import type { PublishedCertificate } from '../keys/saml-certificate-store.ts';
import { addressOf, CLIENT_FAMILIES, type ClientFamily } from './client-address.ts';
import {
  addSamlCertificate,
  noFields,
  samlCertificatesAnswer,
  toOuterSamlCertificate,
  toWish,
  wrappedSamlCertificatesAnswer,
} from './saml-certificate-schema.ts';

const tokens = ['client', 'admin'] as const;
const tag = 'SAML certificates';

/** What differs between the kinds of holders. */
interface Family<Address> {
  /** Path of the certificates of one holder. */
  readonly base: string;
  /** Stands in every operation id. */
  readonly idPart: string;
  readonly permissions: Readonly<Record<'read' | 'write' | 'remove', readonly string[]>>;
  readonly answer: Schema;
  wrap(list: readonly object[]): unknown;
  address(ctx: Koa.Context, caller: ManagementCaller): Address;
}

const CLIENT_PERMISSIONS = {
  read: ['apps:read', '[appId]:read'],
  write: ['apps:create', '[appId]:create', 'apps:edit', '[appId]:edit'],
  remove: ['apps:delete', '[appId]:delete', 'apps:create', '[appId]:create', 'apps:edit', '[appId]:edit'],
};

const clientFamily = (family: ClientFamily): Family<ClientAddress> => ({
  base: `${family.base}/:clientId/saml-certificates`,
  idPart: family.base.includes(':appId') ? 'AppClient' : 'Client',
  permissions: CLIENT_PERMISSIONS,
  answer: samlCertificatesAnswer,
  wrap: (list) => list,
  address: (ctx, caller) => addressOf(family, ctx, caller),
});

const PROVIDER_FAMILY: Family<ServiceProviderId> = {
  base: '/v1/serviceprovider/saml2/:serviceProviderId/saml-certificates',
  idPart: 'ServiceProvider',
  permissions: {
    read: ['service-providers:read'],
    write: ['service-providers:edit'],
    remove: ['service-providers:delete', 'service-providers:edit'],
  },
  answer: wrappedSamlCertificatesAnswer,
  wrap: (result) => ({ result }),
  address: (ctx) => pathId<ServiceProviderId>(ctx, 'serviceProviderId'),
};

export const samlCertificateRoutes = (services: {
  ofClients: SamlCertificateService<ClientAddress>;
  ofServiceProviders: SamlCertificateService<ServiceProviderId>;
}): Row[] => [
  ...CLIENT_FAMILIES.flatMap((family) => rowsOf(clientFamily(family), services.ofClients)),
  ...rowsOf(PROVIDER_FAMILY, services.ofServiceProviders),
];

const rowsOf = <Address>(family: Family<Address>, certificates: SamlCertificateService<Address>): Row[] => [
  ...listRows(family, certificates),
  ...stepRows(family, certificates),
];

/** The version is that of the whole list: a step changes more than one of them. */
const shown = <Address>(family: Family<Address>, ctx: Koa.Context, list: PublishedCertificate[]): unknown =>
  family.wrap(tagged(ctx, list).map((one) => toOuterSamlCertificate(one)));

const listRows = <Address>(family: Family<Address>, certificates: SamlCertificateService<Address>): Row[] => [
  {
    method: 'get',
    path: family.base,
    tokens,
    permissions: family.permissions.read,
    status: 200,
    operation: {
      id: `get${family.idPart}SamlCertificates`,
      summary: 'List the SAML signing certificates: the current one, the next and the previous',
      tag,
      versioned: true,
      answer: family.answer,
    },
    handle: async (ctx, caller: ManagementCaller) =>
      shown(family, ctx, await certificates.list(caller, family.address(ctx, caller))),
  },
  {
    method: 'post',
    path: family.base,
    tokens,
    permissions: family.permissions.write,
    status: 201,
    operation: {
      id: `add${family.idPart}SamlCertificate`,
      summary: 'Add the next SAML signing certificate, generated or your own; it signs after a switch',
      tag,
      versioned: true,
      body: addSamlCertificate,
      answer: family.answer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const wish = toWish(validate(addSamlCertificate, bodyOf(ctx)));
      return shown(family, ctx, await certificates.add(caller, family.address(ctx, caller), wish));
    },
  },
  {
    method: 'delete',
    path: `${family.base}/:certificateId`,
    tokens,
    permissions: family.permissions.remove,
    status: 204,
    operation: {
      id: `delete${family.idPart}SamlCertificate`,
      summary: 'Delete the next or the previous SAML signing certificate; the current one stays',
      tag,
      versioned: true,
    },
    handle: (ctx, caller: ManagementCaller) =>
      certificates.remove(caller, family.address(ctx, caller), pathId(ctx, 'certificateId')),
  },
];

const stepRows = <Address>(family: Family<Address>, certificates: SamlCertificateService<Address>): Row[] => [
  {
    method: 'post',
    path: `${family.base}/switch`,
    tokens,
    permissions: family.permissions.write,
    status: 200,
    operation: {
      id: `switch${family.idPart}SamlCertificate`,
      summary:
        'Sign with the next certificate; `signature_algorithm` follows its key, the current one becomes the previous',
      tag,
      versioned: true,
      answer: family.answer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      validate(noFields, bodyOf(ctx));
      return shown(family, ctx, await certificates.switchOver(caller, family.address(ctx, caller)));
    },
  },
  {
    method: 'post',
    path: `${family.base}/switch-back`,
    tokens,
    permissions: family.permissions.write,
    status: 200,
    operation: {
      id: `switchBack${family.idPart}SamlCertificate`,
      summary: 'Take a switch back: sign with the previous certificate, the current one becomes the next',
      tag,
      versioned: true,
      answer: family.answer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      validate(noFields, bodyOf(ctx));
      return shown(family, ctx, await certificates.switchBack(caller, family.address(ctx, caller)));
    },
  },
  {
    method: 'post',
    path: `${family.base}/replace`,
    tokens,
    permissions: family.permissions.write,
    status: 200,
    operation: {
      id: `replace${family.idPart}SamlCertificate`,
      summary: 'In an emergency: replace the current certificate at once and withdraw it from the metadata',
      tag,
      versioned: true,
      body: addSamlCertificate,
      answer: family.answer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const wish = toWish(validate(addSamlCertificate, bodyOf(ctx)));
      return shown(family, ctx, await certificates.replace(caller, family.address(ctx, caller), wish));
    },
  },
];
