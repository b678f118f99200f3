/** Reads the configuration, starts, listens, and stops cleanly on a signal. */

import { announce } from './announcement.ts';
import { createApp } from './app.ts';
import { createLogger } from './base/logger.ts';
import { StartError } from './base/start-error.ts';
import { type Config, ConfigError, readConfig } from './config/config.ts';
import { type Listening, listen } from './http/server.ts';
import { ChangeFeed } from './storage/change-feed.ts';
import { type OpenDatabase, openEmbedded, openPostgres } from './storage/database.ts';
import { migrate } from './storage/migrate.ts';
import { PostgresEphemeralStore } from './storage/postgres-ephemeral-store.ts';
import { openRedis, RedisEphemeralStore } from './storage/redis.ts';
import { startSweeper } from './storage/sweeper.ts';

const GRACE_MS = 10_000;

type Closer = () => Promise<unknown>;

function fail(error: unknown): never {
  const faults =
    error instanceof ConfigError ? error.faults : [error instanceof Error ? error.message : String(error)];
  for (const fault of faults) process.stderr.write(`Tessera cannot start: ${fault}\n`);
  process.exit(1);
}

const open = (config: Config, onError: (error: Error) => void): Promise<OpenDatabase> | OpenDatabase =>
  config.databaseUrl
    ? openPostgres(config.databaseUrl.reveal(), config.databasePoolMax, onError)
    : openEmbedded(config.dataDir);

async function start(config: Config, closers: Closer[]): Promise<void> {
  const log = createLogger(config.logLevel);
  const database = await open(config, (error) => log.warn({ err: error }, 'a database connection was lost'));
  closers.unshift(() => database.close());
  await migrate(database.db);
  const feed = new ChangeFeed();
  await feed.start(database);
  closers.unshift(() => feed.stop());
  const redis =
    config.redisUrl &&
    openRedis(config.redisUrl.reveal(), (error) => log.warn({ err: error }, 'Redis does not answer'));
  if (redis) closers.unshift(async () => redis.disconnect());
  const ephemeral = redis ? new RedisEphemeralStore(redis) : new PostgresEphemeralStore(database.db);
  if (redis)
    await ephemeral.ping().catch(() => {
      throw new StartError('Redis cannot be reached; check REDIS_URL and that the server runs.');
    });
  const { koa, created, messages, logoutNotices, certificateExpiry } = await createApp({
    config,
    db: database.db,
    feed,
    ephemeral,
    log,
  });
  closers.unshift(messages.start());
  closers.unshift(logoutNotices.start());
  closers.unshift(
    startSweeper(database.db, (error) => log.warn({ err: error }, 'expired rows could not be removed'), [
      () => certificateExpiry.lookDaily(),
    ]),
  );
  const { listener } = config.mutualTls;
  const servers: Listening[] = [];
  closers.unshift(() => Promise.all(servers.map((server) => server.stop(GRACE_MS))));
  servers.push(await listen(koa, config));
  if (listener) servers.push(await listen(koa, { host: config.host, port: listener.port, tls: listener }));
  if (created) process.stdout.write(announce(config, created));
  log.info(
    {
      url: config.publicUrl.origin,
      storage: config.databaseUrl ? 'postgres' : 'embedded',
      redis: redis !== undefined,
    },
    'Tessera is ready',
  );
}

async function close(closers: Closer[]): Promise<void> {
  for (const closer of closers.splice(0)) await closer();
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const closers: Closer[] = [];
  if (process.argv[2] === 'migrate') {
    const database = await open(config, () => undefined);
    const applied = await migrate(database.db);
    process.stdout.write(
      applied.length > 0 ? `Applied ${applied.join(', ')}\n` : 'The schema is up to date\n',
    );
    await database.close();
    return;
  }
  const stop = (): void => void close(closers).then(() => process.exit(0), fail);
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await start(config, closers).catch(async (error: unknown) => {
    await close(closers).catch(() => undefined);
    fail(error);
  });
}

main().catch(fail);
