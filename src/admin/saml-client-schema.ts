/** SAML clients as the outside writes them (contract/management-api.md 6, contract/saml.md 1.5). */
import { z } from 'zod';
import { CUSTOM_CLAIMS } from '../clients/custom-claims.ts';
import {
  ATTRIBUTE_FORMATS,
  NAME_ID_TYPES,
  SIGNATURE_ALGORITHMS,
  SLO_BINDINGS,
} from '../clients/saml-client.ts';
import { fieldsOfBoth, shownOfBoth } from './client-schema.ts';
import { shownOnly } from './resource-schema.ts';

const url = z.string().max(2048);
const pem = z.string().max(16_384);
const label = z.string().trim().min(1).max(512);

/** SAML core 8.3.6: a name of at most 1024 characters; compared exactly, so nothing that cannot be seen. */
export const entityId = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^[^\s\p{C}]*$/u, 'must not have spaces or invisible characters');

const fields = {
  ...fieldsOfBoth,
  authentication_protocol: z.literal('saml'),
  sp_entity_id: entityId,
  sp_acs_url: url,
  sp_acs_endpoints: z
    .array(z.strictObject({ index: z.number().int().min(0).max(65_535), url: url.min(1) }))
    .max(20),
  sp_name_id_type: z.enum(NAME_ID_TYPES),
  sign_assertion: z.boolean(),
  optional_acs_url: z.boolean(),
  use_centralized_login: z.boolean(),
  sp_certificates: z.array(pem.min(1)).max(10),
  want_authn_requests_signed: z.boolean(),
  encrypt_assertion: z.boolean(),
  sp_encryption_certificate: pem,
  attribute_mapping: z.partialRecord(
    z.enum(CUSTOM_CLAIMS),
    z.strictObject({
      name: label,
      friendly_name: label.optional(),
      format: z.enum(ATTRIBUTE_FORMATS).optional(),
    }),
  ),
  signature_algorithm: z
    .enum(SIGNATURE_ALGORITHMS)
    .describe(
      'Of what we sign. Fits the key of the current certificate: a new client gets one that fits, later add a certificate and switch to it, which takes the algorithm over',
    ),
  clock_skew_seconds: z.number().int().min(0).max(600),
  idp_initiated: z.boolean(),
  sp_slo_url: url,
  sp_slo_binding: z.enum(SLO_BINDINGS),
  sp_metadata: z
    .strictObject({
      xml: z.string().min(1).max(262_144),
      url: url.min(1),
      certificate: pem.min(1),
    })
    .partial()
    .refine(({ xml, url: place }) => (xml === undefined) !== (place === undefined), {
      error: 'must have one of xml and url',
    }),
};

export const createSamlClient = z
  .strictObject(fields)
  .partial()
  .required({ name: true, authentication_protocol: true })
  .check(({ value, issues }) => {
    // The metadata says it, too.
    if (value.sp_entity_id === undefined && value.sp_metadata === undefined)
      issues.push({ code: 'invalid_type', expected: 'string', input: undefined, path: ['sp_entity_id'] });
  });
export const updateSamlClient = z
  .strictObject({
    ...fields,
    ...shownOfBoth,
    ...shownOnly('metadata_url', 'sso_url', 'entity_id', 'x509_certificate'),
  })
  .partial();
