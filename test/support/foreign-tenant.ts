/** Hands everything but the management application to another tenant, behind the server's back. */
import pg from 'pg';

const OTHER = 'another-tenant';

/** `keep` is the client that goes on managing the first tenant. */
export async function foreignTenant(databaseUrl: string, { keep }: { keep: string }): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ table_name: string; columns: string[] }>(
      `select table_name, array_agg(column_name::text) as columns from information_schema.columns
       where table_schema = 'public' and table_name <> 'tenants' group by table_name
       having bool_or(column_name = 'tenant_id')`,
    );
    const { rows: kept } = await client.query<{ app_id: string }>(
      'select app_id from clients where client_id = $1',
      [keep],
    );
    const appId = kept[0]?.app_id;
    await client.query('begin');
    await client.query(
      `insert into tenants (tenant_id, name) select $1, 'Another' where not exists (select 1 from tenants where tenant_id = $1)`,
      [OTHER],
    );
    for (const { table_name: table, columns } of rows) {
      if (['signing_keys', 'audit_events'].includes(table)) continue;
      const [column, value] = columns.includes('client_id')
        ? ['client_id', keep]
        : columns.includes('app_id')
          ? ['app_id', appId]
          : ['tenant_id', OTHER];
      await client.query(`update "${table}" set tenant_id = $1 where "${column}" is distinct from $2`, [
        OTHER,
        value,
      ]);
    }
    await client.query('commit');
  } finally {
    await client.end();
  }
}
