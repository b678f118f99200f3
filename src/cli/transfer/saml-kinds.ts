/** The kinds of lines about service providers and about the certificates that we sign for SAML with. */
import { samlCertificateLine, serviceProviderLine } from './line-schema.ts';
import { CLIENT, type RowKind, SERVICE_PROVIDER } from './row-kind.ts';
import { compareCertificate, keyForServiceProvider } from './saml-keys.ts';

export const SERVICE_PROVIDER_KIND: RowKind = {
  kind: 'service_provider',
  table: 'service_providers',
  key: ['service_provider_id'],
  columns: {
    service_provider_id: 'text',
    name: 'text',
    description: 'text',
    assertion_consumer_service_url: 'text',
    entity_id: 'text',
    name_qualifier: 'text',
    created_at: 'time',
    updated_at: 'time',
  },
  schema: serviceProviderLine,
  references: {},
  written: keyForServiceProvider,
};

export const SAML_CERTIFICATE: RowKind = {
  kind: 'saml_certificate',
  table: 'saml_certificates',
  key: ['certificate_id'],
  columns: {
    certificate_id: 'text',
    client_id: 'text',
    service_provider_id: 'text',
    status: 'text',
    pem: 'text',
  },
  schema: samlCertificateLine,
  references: { client_id: CLIENT, service_provider_id: SERVICE_PROVIDER },
  put: compareCertificate,
};
