/** What `apply` and `diff` do alike: read the file, find the server, make the plan. */
import { readFileSync } from 'node:fs';
import type { CommandContext } from '../command.ts';
import { readCredentials, readServerUrl } from './credentials.ts';
import { Faults, quoted } from './faults.ts';
import { type MadePlan, makePlan } from './make-plan.ts';
import { type Management, ManagementClient, Refusal } from './management-client.ts';
import type { Options } from './options.ts';
import { readWish } from './read-wish.ts';
import { parseText } from './yaml-text.ts';

const MAX_FILE_BYTES = 20_000_000;
const LOCAL = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** @throws Faults */
export async function prepare(
  { config, environment, stderr }: Pick<CommandContext, 'config' | 'environment' | 'stderr'>,
  options: Options,
): Promise<MadePlan & { api: Management }> {
  const wish = readWish(parseText(options.file, readText(options.file)));
  const server = readServerUrl(options.url ?? config.publicUrl.origin);
  const credentials = readCredentials(environment);
  if (server.protocol === 'http:' && !LOCAL.test(server.hostname))
    stderr.write(`tessera: ${server.origin} is not encrypted; whoever is on the way can read the secret.\n`);
  const api = new ManagementClient(server, credentials);
  await assertManagement(api);
  const plan = await makePlan(api, wish, { prune: options.prune, callingClientId: credentials.clientId });
  return { ...plan, api };
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > MAX_FILE_BYTES) throw new Faults(`${path} is larger than ${MAX_FILE_BYTES / 1e6} MB.`);
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof Faults) throw error;
    throw new Faults(`${quoted(path)} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

// Open to tokens of management applications alone (contract/tokens-and-sessions.md 1): anybody else would plan with
// one application in view and take the others for missing.
async function assertManagement(api: Management): Promise<void> {
  await api.get('/v1/roles').catch((error: unknown) => {
    if (!(error instanceof Refusal) || error.status !== 403) throw error;
    throw new Faults(
      'TESSERA_CLIENT_ID is a client of an end-user application, which reaches that application only; use a client of a management application.',
    );
  });
}
