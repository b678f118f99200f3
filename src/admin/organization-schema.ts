/** Organizations as the outside writes and reads them (management-api.md section 13, C16). */
import { z } from 'zod';
import type { Organization, OrganizationInput, OrganizationMember } from '../organizations/organization.ts';
import { idList } from './client-schema.ts';
import { shownOnly } from './resource-schema.ts';

const name = z.string().trim().min(1).max(256);
// Empty is how an organization without a domain shows it.
const domain = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(/^([\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*)?$/u, 'must be a domain name');
const fields = {
  name,
  domain,
  domains: z.array(domain).max(100),
  enabled: z.boolean(),
  alias_name: z.string().max(256),
};

export const createOrganization = z
  .strictObject({ ...fields, app_ids: idList })
  .partial()
  .required({ name: true, app_ids: true });
export const createManagedOrganization = z.strictObject(fields).partial().required({ name: true });
// What a read gives can be written back.
export const updateOrganization = z
  .strictObject({
    ...fields,
    ...shownOnly(
      'organization_id',
      'app_ids',
      'created_at',
      'updated_at',
      'managed_organizations_by_app',
      'managing_organization_id',
      'logo_url',
    ),
  })
  .partial();
export const organizationQuery = z.object({ name: z.string().max(256).optional() });
export const appIds = z.strictObject({ app_ids: idList.min(1) });
/** The file itself is read by uploaded-file.ts. */
export const logoUpload = z.strictObject({ logo: z.unknown().optional() });
export const roleGroupIds = z.strictObject({ role_group_ids: idList });
export const rolesAndGroups = z.strictObject({ role_group_ids: idList, role_ids: idList }).partial();
export const newMember = z
  .strictObject({
    user_id: z.string().min(1).max(128),
    app_id: z.string().min(1).max(128).optional(),
    role_ids: idList.optional(),
  })
  .refine((body) => body.role_ids === undefined || body.app_id !== undefined, {
    path: ['app_id'],
    message: 'is needed with role_ids: it says in which application',
  });

const organizationShape = z.object({
  organization_id: z.string(),
  app_ids: z.array(z.string()),
  name: z.string(),
  domain: z.string(),
  domains: z.array(z.string()),
  created_at: z.number(),
  updated_at: z.number(),
  enabled: z.boolean(),
  managed_organizations_by_app: z.record(z.string(), z.array(z.string())),
  managing_organization_id: z.string().optional(),
  logo_url: z.string().optional(),
  alias_name: z.string(),
});
export const organizationAnswer = z.object({ result: organizationShape });
export const organizationsAnswer = z.object({ result: z.array(organizationShape) });

const role = z.object({
  role_id: z.string(),
  role_name: z.string(),
  permissions: z.array(z.string()),
  app_id: z.string().optional(),
  description: z.string(),
  display_name: z.string(),
});
const roleGroup = z.object({
  group_id: z.string(),
  name: z.string(),
  app_id: z.string(),
  description: z.string(),
  display_name: z.string(),
  roles: z.array(role),
});
const given = { role_groups: z.array(roleGroup), default_organization_roles: z.array(role) };
export const roleGroupsAnswer = z.object({ result: z.object(given) });
export const rolesAndGroupsAnswer = z.object({ result: z.object({ ...given, roles: z.array(role) }) });

const memberShape = z.object({
  member_id: z.string(),
  user_id: z.string(),
  added_at: z.number(),
  roles_by_app: z.record(z.string(), z.array(z.string())),
});
export const memberAnswer = z.object({ result: memberShape });
export const membersAnswer = z.object({ result: z.array(memberShape) });

/** `domain` alone stands for a list of one; beside `domains` it comes first. */
function domainsOf(body: { domain?: string | undefined; domains?: string[] | undefined }) {
  if (body.domain === undefined && body.domains === undefined) return {};
  const all = [body.domain ?? '', ...(body.domains ?? [])];
  return { domains: [...new Set(all.filter((entry) => entry !== ''))] };
}

export const fromUpdateOrganization = (
  body: z.infer<typeof updateOrganization>,
): Partial<OrganizationInput> => ({
  ...(body.name !== undefined && { name: body.name }),
  ...(body.alias_name !== undefined && { aliasName: body.alias_name }),
  ...(body.enabled !== undefined && { enabled: body.enabled }),
  ...domainsOf(body),
});

export const fromCreateOrganization = (
  body: z.infer<typeof createManagedOrganization>,
): OrganizationInput => ({
  aliasName: '',
  enabled: true,
  domains: [],
  ...fromUpdateOrganization(body),
  name: body.name,
});

const byApp = <T extends { appId: string }>(entries: readonly T[], id: (entry: T) => string) =>
  Object.fromEntries(
    [...Map.groupBy(entries, (entry) => entry.appId)].map(([appId, of]) => [appId, of.map(id)]),
  );

/** Dates in epoch milliseconds; `origin` is the public address, where logos are shown. */
export const toOuterOrganization = (
  organization: Organization,
  origin: string,
): z.infer<typeof organizationShape> => ({
  organization_id: organization.organizationId,
  app_ids: [...organization.appIds],
  name: organization.name,
  domain: organization.domains[0] ?? '',
  domains: [...organization.domains],
  created_at: organization.createdAt.getTime(),
  updated_at: organization.updatedAt.getTime(),
  enabled: organization.enabled,
  managed_organizations_by_app: byApp(organization.manages, (entry) => entry.organizationId),
  ...(organization.managedBy !== undefined && { managing_organization_id: organization.managedBy }),
  ...(organization.logoAt !== undefined && {
    logo_url: `${origin}/organizations/${organization.organizationId}/logo?v=${organization.logoAt}`,
  }),
  alias_name: organization.aliasName,
});

export const toOuterMember = (member: OrganizationMember): z.infer<typeof memberShape> => ({
  member_id: member.userId,
  user_id: member.userId,
  added_at: member.addedAt.getTime(),
  roles_by_app: byApp(member.roles, (entry) => entry.roleId),
});
