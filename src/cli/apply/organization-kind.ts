/** Organizations in a file of `apply` (contract/management-api.md section 13). */
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
    write: async (api, path, { wanted, present }) => {
      const [added, removed] = [without(wanted, present), without(present, wanted)];
      if (added.length > 0) await api.put(`${path}/apps`, { app_ids: added });
      if (removed.length > 0) await api.delete(`${path}/apps`, { app_ids: removed });
    },
  },
  check: (members) => ({
    ...members,
    ...(Array.isArray(members.domains) && { domains: lowered(members.domains) }),
  }),
  // Made by the administrators of another organization, not by whoever configures the tenant.
  isForeign: ({ managing_organization_id: managing }: Members) =>
    typeof managing === 'string' && managing !== '',
};

// As the server keeps them: DNS does not tell cases apart.
const lowered = (domains: readonly unknown[]): unknown[] =>
  domains.map((domain) => (typeof domain === 'string' ? domain.toLowerCase() : domain));
