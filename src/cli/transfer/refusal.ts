/** Says in a sentence why the database did not take a line. */
import { AppError } from '../../base/errors.ts';
import { isForeignKeyViolation, isUniqueViolation } from '../../storage/database.ts';
import { RefusedLine } from './row-kind.ts';

/** By the names of the unique indexes. */
const TAKEN: Readonly<Record<string, string>> = {
  applications_subdomain: 'subdomain belongs to another application',
  clients_sp_entity_id: 'sp_entity_id belongs to another client',
  resources_uri: 'uri belongs to another resource',
  roles_name: 'role_name belongs to another role of the application, or of the clients of the tenant',
  role_groups_name: 'name belongs to another role group of the application',
  groups_name: 'name belongs to another group',
  organizations_name: 'name belongs to another organization',
  users_email: 'email belongs to another user',
  users_phone_number: 'phone_number belongs to another user',
  users_external_user_id: 'external_user_id belongs to another user',
  user_applications_username: 'username belongs to another user of the application',
};

/** Undefined for what is no fault of the line. */
export function refusalOf(error: unknown): RefusedLine | undefined {
  if (error instanceof RefusedLine) return error;
  if (error instanceof AppError && error.status < 500)
    return new RefusedLine((error.problems ?? [error.message]).join('; '));
  const { constraint = 'a unique value' } = error as { constraint?: string };
  if (isUniqueViolation(error)) return new RefusedLine(TAKEN[constraint] ?? `${constraint} is taken`);
  if (isForeignKeyViolation(error))
    return new RefusedLine(`it names something that is not there (${constraint})`);
  return undefined;
}
