/** Roles and their groups as answered (contract/management-api.md section 10). */
import { z } from 'zod';

const text = z.string();
const role = z
  .object({
    role_id: text,
    role_name: text,
    permissions: z.array(text),
    app_id: text.optional().describe('Absent for a role for clients'),
    description: text,
    display_name: text,
  })
  .meta({ id: 'Role' });
const roleGroup = z
  .object({
    group_id: text,
    name: text,
    app_id: text,
    description: text,
    display_name: text,
    roles: z.array(role),
  })
  .meta({ id: 'RoleGroup' });

export const roleAnswer = z.object({ result: role });
export const rolesAnswer = z.object({ result: z.array(role) });
export const roleIdAnswer = z.object({ result: z.object({ role_id: text }) });
export const roleGroupAnswer = z.object({ result: roleGroup });
export const roleGroupsAnswer = z.object({ result: z.array(roleGroup) });
export const roleGroupIdAnswer = z.object({ result: z.object({ group_id: text }) });
