/** Finds the master key, makes one on the first start of a development machine, and proves it fits the database. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newSecret, Secret } from '../base/secrets.ts';
import { StartError } from '../base/start-error.ts';
import type { Database } from '../storage/database.ts';
import { Sealer } from './sealer.ts';

const CHECK = 'master_key_check';

/** @throws StartError when the key is missing, malformed, or not the one this database was set up with. */
export async function openSealer(
  db: Database,
  configured: Secret | undefined,
  keysDir: string,
): Promise<Sealer> {
  const check = await db.selectFrom('settings').select('value').where('name', '=', CHECK).executeTakeFirst();
  const key = configured ?? readKeyFile(keysDir) ?? (check ? missing(keysDir) : makeKeyFile(keysDir));
  const sealer = new Sealer(key);
  if (check) assertFits(sealer, check.value);
  else
    await db
      .insertInto('settings')
      .values({ name: CHECK, value: sealer.seal('tessera', CHECK) })
      .onConflict((on) => on.doNothing())
      .execute();
  return sealer;
}

const fileIn = (keysDir: string): string => join(keysDir, 'master.key');

function readKeyFile(keysDir: string): Secret | undefined {
  try {
    const text = readFileSync(fileIn(keysDir), 'utf8').trim();
    if (!/^[\w-]{43}$/.test(text))
      throw new StartError(
        `${fileIn(keysDir)} does not hold a master key (32 bytes as base64url); restore the file from a backup.`,
      );
    return new Secret(text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof StartError) throw error;
    throw new StartError(
      `${fileIn(keysDir)} cannot be read (${(error as NodeJS.ErrnoException).code}); check KEYS_DIR and its permissions.`,
    );
  }
}

function makeKeyFile(keysDir: string): Secret {
  const text = newSecret();
  try {
    mkdirSync(keysDir, { recursive: true, mode: 0o700 });
    writeFileSync(fileIn(keysDir), `${text}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new StartError(
      `A master key cannot be written to ${fileIn(keysDir)} (${(error as NodeJS.ErrnoException).code}); set MASTER_KEY, or check KEYS_DIR.`,
    );
  }
  return new Secret(text);
}

function missing(keysDir: string): never {
  throw new StartError(
    `The master key of this database is missing: set MASTER_KEY, or put the key back at ${fileIn(keysDir)}.`,
  );
}

function assertFits(sealer: Sealer, sealed: string): void {
  try {
    sealer.open(sealed, CHECK);
  } catch {
    throw new StartError(
      'The master key is not the one this database was set up with; set MASTER_KEY (or KEYS_DIR) to the original key.',
    );
  }
}
