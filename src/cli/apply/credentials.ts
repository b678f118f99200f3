/** Where Tessera is and who calls it: `--url` and the credentials of a management application from the environment. */
import { readFileSync } from 'node:fs';
import { Secret } from '../../base/secrets.ts';
import type { Environment } from '../../config/config.ts';
import { Faults } from './faults.ts';

export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/** @throws Faults naming every variable that is missing or cannot be read. */
export function readCredentials(environment: Environment): Credentials {
  const faults: string[] = [];
  const value = (name: string): string => {
    try {
      const found = variable(environment, name);
      if (found === '') faults.push(`${name} (or ${name}_FILE) must be set: ${WHOSE}`);
      return found;
    } catch (error) {
      faults.push((error as Error).message);
      return '';
    }
  };
  const credentials = {
    clientId: value('TESSERA_CLIENT_ID'),
    clientSecret: new Secret(value('TESSERA_CLIENT_SECRET')),
  };
  if (faults.length > 0) throw new Faults(...faults);
  return credentials;
}

const WHOSE = 'the credentials of a management application, as printed on the first start.';

function variable(environment: Environment, name: string): string {
  const [value, file] = [environment[name]?.trim() ?? '', environment[`${name}_FILE`]?.trim() ?? ''];
  if (value !== '' && file !== '')
    throw new Faults(`${name} and ${name}_FILE are both set; keep one of them.`);
  if (file === '') return value;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Faults(`${name}_FILE names a file that cannot be read (${code}); check path and permissions.`);
  }
}

/** The origin of a Tessera. @throws Faults for anything that is no http(s) origin. */
export function readServerUrl(text: string): URL {
  const url = URL.parse(text);
  const isOrigin = url && url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
  if (!isOrigin || !['http:', 'https:'].includes(url.protocol))
    throw new Faults(`--url must be an origin such as https://id.example.com, without path or credentials.`);
  return url;
}
