/** `export`: writes configuration and users of the tenant as JSON lines, from one consistent state. */
import { once } from 'node:events';
import type { Database } from '../storage/database.ts';
import type { Tenant } from '../tenants/tenant-store.ts';
import type { Command, CommandContext } from './command.ts';
import { CONFIGURATION_KINDS } from './transfer/configuration-kinds.ts';
import { MEMBER_KINDS } from './transfer/group-kinds.ts';
import { withTenant } from './transfer/open-tenant.ts';
import { RowStore } from './transfer/row-store.ts';
import { toUserLine } from './transfer/user-columns.ts';
import { UserTransferStore } from './transfer/user-transfer-store.ts';
import { type ExportPart, exportOptions } from './transfer-options.ts';

const LEFT_OUT =
  'private keys, management applications, SAML clients, service providers, logos, consents, sessions and tokens are not part of an export';

export const EXPORT: Command = {
  name: 'export',
  usage: '[--only users|configuration] > file',
  summary: `Write the tenant as JSON lines. It holds hashes of secrets and passwords; ${LEFT_OUT}.`,
  run: (context) =>
    withTenant(context.config, async ({ database: { db }, tenant }) => {
      const part = exportOptions(context.arguments);
      // One snapshot: what is written while this runs is in it wholly or not at all.
      await db
        .transaction()
        .setIsolationLevel('repeatable read')
        .execute((trx) => writeAll(context, { db: trx, tenant, part }));
      return 0;
    }),
};

async function writeAll(
  { stdout }: CommandContext,
  { db, tenant, part }: { db: Database; tenant: Tenant; part: ExportPart },
): Promise<void> {
  for await (const line of lines({ db, tenant, part }))
    if (!stdout.write(`${JSON.stringify(line)}\n`)) await once(stdout, 'drain');
}

async function* lines({
  db,
  tenant,
  part,
}: {
  db: Database;
  tenant: Tenant;
  part: ExportPart;
}): AsyncGenerator<object> {
  const { tenantId: tenant_id } = tenant;
  yield { tessera: 'export', version: 1, tenant_id, at: new Date().toISOString(), left_out: LEFT_OUT };
  const rows = new RowStore(db, tenant_id);
  for (const kind of part === 'users' ? [] : CONFIGURATION_KINDS)
    for await (const row of rows.rows(kind)) yield { kind: kind.kind, ...row };
  if (part === 'configuration') return;
  for await (const user of new UserTransferStore(db, tenant_id).users()) yield toUserLine(user);
  for (const kind of MEMBER_KINDS) for await (const row of rows.rows(kind)) yield { kind: kind.kind, ...row };
}
