/** Holds roles and groups of roles against the application that they have to be of, and client groups against the policies of the tenant. */
import { sql } from 'kysely';
import { DEFAULT_JOURNEY } from '../../sso/sign-in-policy.ts';
import { type Ground, type Line, RefusedLine } from './row-kind.ts';

/** The roles that every organization may give are no rows. */
const DEFAULT_ROLES = ['organizationAdmin', 'organizationCreator'];

/** @throws RefusedLine for a role of another application than that of the group */
export async function roleIsOfGroup({ db, tenantId }: Ground, line: Line): Promise<void> {
  const { rows } = await sql`select 1 from role_groups g join roles r on r.app_id = g.app_id
    where g.tenant_id = ${tenantId} and g.group_id = ${line.group_id} and r.role_id = ${line.role_id}`.execute(
    db,
  );
  if (rows.length === 0)
    throw new RefusedLine('role_id: the role belongs to another application than the role group');
}

/** @throws RefusedLine for a role of another application than `app_id`; a default role of organizations is of all */
export async function roleIsOfApplication({ db, tenantId }: Ground, line: Line): Promise<void> {
  if (DEFAULT_ROLES.includes(line.role_id as string)) return;
  const { rows } = await sql`select 1 from roles
    where tenant_id = ${tenantId} and role_id = ${line.role_id} and app_id = ${line.app_id}`.execute(db);
  if (rows.length === 0) throw new RefusedLine('role_id: the application of this line has no such role');
}

/** @throws RefusedLine for a group of another application than `app_id` */
export async function groupIsOfApplication({ db, tenantId }: Ground, line: Line): Promise<void> {
  const { rows } = await sql`select 1 from role_groups
    where tenant_id = ${tenantId} and group_id = ${line.group_id} and app_id = ${line.app_id}`.execute(db);
  if (rows.length === 0)
    throw new RefusedLine('group_id: the application of this line has no such role group');
}

/** @throws RefusedLine for a client group whose journey is neither `default` nor a policy of the tenant */
export async function journeyIsKnown({ db, tenantId }: Ground, line: Line): Promise<void> {
  const { journey } = line.configuration as { journey: string };
  if (journey === DEFAULT_JOURNEY) return;
  const { rows } = await sql`select 1 from sign_in_policies
    where tenant_id = ${tenantId} and name = ${journey}`.execute(db);
  if (rows.length === 0)
    throw new RefusedLine(
      'configuration.journey: the tenant has no such sign-in policy; make one of this name, or write "default" for hosted login',
    );
}
