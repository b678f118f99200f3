/** The folder of an embedded database that is migrated already: initialising one costs seconds of a processor. */
import { cpSync } from 'node:fs';

/** Fills this empty folder from the template of the run (templates.js). @returns the folder */
export function migrated(folder: string): string {
  const { TEST_EMBEDDED_TEMPLATE: template } = process.env;
  if (template !== undefined) cpSync(template, folder, { recursive: true });
  return folder;
}
