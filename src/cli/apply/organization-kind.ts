/** Organizations in a file of `apply` (contract/management-api.md section 13). */
import { updateOrganization } from '../../admin/organization-schema.ts';
import { validate } from '../../http/validate.ts';
import type { Kind, Members } from './kind.ts';

const without = (list: readonly string[], other: readonly string[]): string[] =>
  list.filter((id) => !other.includes(id));

export const ORGANIZATION: Kind = {
  noun: 'organization',
  section: 'organizations',
  nested: false,
  key: 'name',
  id: 'organization_id',
  members: ['name', 'alias_name', 'domains', 'enabled', 'app_ids'],
  elsewhere: { domain: 'it is deprecated: write a list, domains' },
  required: ['app_ids'],
  sets: ['domains', 'app_ids'],
  references: { app_ids: 'applications' },
  collection: () => '/v1/organizations',
  apart: {
    member: 'app_ids',
    isInCreation: true,
    write: async (api, path, { wanted, present, etag }) => {
      const [added, removed] = [without(wanted, present), without(present, wanted)];
      if (added.length > 0) await api.put(`${path}/apps`, { app_ids: added }, etag);
      // The first of two gives the organization a version that its answer does not name.
      const seen = added.length > 0 ? undefined : etag;
      if (removed.length > 0) await api.delete(`${path}/apps`, { app_ids: removed }, seen);
    },
  },
  check: (members) => validate(updateOrganization, members),
  // Made by the administrators of another organization, not by whoever configures the tenant.
  isForeign: ({ managing_organization_id: managing }: Members) =>
    typeof managing === 'string' && managing !== '',
};
