/** Management applications as the outside writes them. */
import { z } from 'zod';
import type { ApplicationInput } from '../applications/application.ts';
import { validate } from '../http/validate.ts';
import { managementFields, withFirstClient } from './application-schema.ts';

export const createManagementApplication = z
  .strictObject(managementFields)
  .partial()
  .required({ app_name: true });
export const updateManagementApplication = z.strictObject(managementFields).partial();

/** The default client takes the application's name where the body has none. @throws 400 */
export function parseCreateManagementApplication(body: unknown): ApplicationInput {
  const input = withFirstClient(validate(createManagementApplication, body));
  return input.first_client ? input : { ...input, client_display_name: input.app_name };
}

/** @throws 400 */
export const parseUpdateManagementApplication = (body: unknown): ApplicationInput =>
  withFirstClient(validate(updateManagementApplication, body));
