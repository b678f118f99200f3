/** Roles, their groups and their assignments as the outside writes and reads them (management-api.md section 10). */
import { z } from 'zod';
import type { Role, RoleGroup, RoleGroupInput, RoleInput } from '../roles/role.ts';
import { idList } from './client-schema.ts';
import { shownOnly } from './resource-schema.ts';

const name = z.string().trim().min(1).max(256);
const text = z.string().max(4096);

// What a path can name: an assignment can be taken back by the id it was made with.
const ID = /^[\w.~:-]{1,128}$/;

const roleFields = {
  role_name: name,
  permissions: z.array(z.string().trim().min(1).max(256)).max(1000),
  description: text,
  display_name: z.string().max(256),
};
const groupFields = { name, description: text, display_name: z.string().max(256) };

export const createRole = z.strictObject(roleFields).partial().required({ role_name: true });
// What a read gives can be written back.
export const updateRole = z
  .strictObject({ ...roleFields, ...shownOnly('role_id', 'app_id', 'tenant_id') })
  .partial();
export const createRoleGroup = z.strictObject(groupFields).partial().required({ name: true });
export const updateRoleGroup = z
  .strictObject({ ...groupFields, ...shownOnly('group_id', 'app_id', 'roles') })
  .partial();
export const roleIds = z.strictObject({ role_ids: idList });
export const assignments = z.strictObject({
  entity_ids: z.array(z.string().regex(ID, 'must be an id')).min(1).max(500),
  entity_type: z.enum(['User', 'Group', 'Application']),
});

export const fromUpdateRole = (body: z.infer<typeof updateRole>): Partial<RoleInput> => ({
  ...(body.role_name !== undefined && { name: body.role_name }),
  ...(body.permissions !== undefined && { permissions: [...new Set(body.permissions)] }),
  ...(body.description !== undefined && { description: body.description }),
  ...(body.display_name !== undefined && { displayName: body.display_name }),
});

export const fromCreateRole = (body: z.infer<typeof createRole>): RoleInput => ({
  permissions: [],
  description: '',
  displayName: '',
  ...fromUpdateRole(body),
  name: body.role_name,
});

export const fromUpdateRoleGroup = (body: z.infer<typeof updateRoleGroup>): Partial<RoleGroupInput> => ({
  ...(body.name !== undefined && { name: body.name }),
  ...(body.description !== undefined && { description: body.description }),
  ...(body.display_name !== undefined && { displayName: body.display_name }),
});

export const fromCreateRoleGroup = (body: z.infer<typeof createRoleGroup>): RoleGroupInput => ({
  description: '',
  displayName: '',
  ...fromUpdateRoleGroup(body),
  name: body.name,
});

/** The public form; a client role has no `app_id`. */
export const toOuterRole = (role: Role) => ({
  role_id: role.roleId,
  role_name: role.name,
  permissions: role.permissions,
  ...(role.appId !== null && { app_id: role.appId }),
  description: role.description,
  display_name: role.displayName,
});

export const toOuterRoleGroup = (group: RoleGroup) => ({
  group_id: group.groupId,
  name: group.name,
  app_id: group.appId,
  description: group.description,
  display_name: group.displayName,
  roles: group.roles.map(toOuterRole),
});
