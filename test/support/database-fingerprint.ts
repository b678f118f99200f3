/** One text for everything that a Postgres database holds, to show that nothing changed. */
import pg from 'pg';

export interface Fingerprint {
  /** Table by table, so that a difference says where. */
  take(): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

export async function databaseFingerprint(databaseUrl: string): Promise<Fingerprint> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
  );
  const parts = rows.map(
    ({ name }) =>
      `select '${name}' as name, md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as hash from "${name}" t`,
  );
  const statement = parts.join(' union all ');
  return {
    take: async () => {
      const found = await client.query<{ name: string; hash: string }>(statement);
      return Object.fromEntries(found.rows.map(({ name, hash }) => [name, hash]));
    },
    close: () => client.end(),
  };
}
