/** Resources in a file of `apply` (contract/management-api.md section 7). */
import { updateResource } from '../../admin/resource-schema.ts';
import { validate } from '../../http/validate.ts';
import type { Kind } from './kind.ts';

export const RESOURCE: Kind = {
  noun: 'resource',
  section: 'resources',
  nested: false,
  key: 'uri',
  id: 'resource_id',
  members: [
    'uri',
    'name',
    'description',
    'access_token_ttl',
    'refresh_token_ttl',
    'max_refresh_rotate',
    'signing_alg',
  ],
  required: ['name', 'access_token_ttl', 'refresh_token_ttl', 'max_refresh_rotate'],
  sets: [],
  references: {},
  collection: () => '/v1/resources',
  single: ({ uri }) => `/v1/resources/uri?resourceUri=${encodeURIComponent(String(uri))}`,
  check: (members) => validate(updateResource, members),
};
