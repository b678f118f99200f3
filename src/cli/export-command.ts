/** `export`: writes configuration and users of the tenant as JSON lines, from one consistent state. */
import { once } from 'node:events';
import type { Database } from '../storage/database.ts';
import type { Tenant } from '../tenants/tenant-store.ts';
import type { Command, CommandContext } from './command.ts';
import { CONFIGURATION_KINDS } from './transfer/configuration-kinds.ts';
import { MEMBER_KINDS } from './transfer/group-kinds.ts';
import { withTenant } from './transfer/open-tenant.ts';
import { progressOn } from './transfer/progress.ts';
import type { RowKind } from './transfer/row-kind.ts';
import { RowStore } from './transfer/row-store.ts';
import { toUserLine } from './transfer/user-columns.ts';
import { UserTransferStore } from './transfer/user-transfer-store.ts';
import { type ExportPart, exportOptions } from './transfer-options.ts';

const LEFT_OUT = 'private keys, sessions, tokens and the audit trail are not part of an export';

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

interface Part {
  readonly db: Database;
  readonly tenant: Tenant;
  readonly part: ExportPart;
}

async function writeAll({ stdout, stderr }: CommandContext, parts: Part): Promise<void> {
  const progress = progressOn(stderr, 'lines', await countLines(parts));
  let done = 0;
  try {
    for await (const line of lines(parts)) {
      if (!stdout.write(`${JSON.stringify(line)}\n`)) await once(stdout, 'drain');
      progress.update(++done);
    }
  } finally {
    progress.stop();
  }
}

const configurationOf = (part: ExportPart): readonly RowKind[] =>
  part === 'users' ? [] : CONFIGURATION_KINDS;
const membersOf = (part: ExportPart): readonly RowKind[] => (part === 'configuration' ? [] : MEMBER_KINDS);

/** The header is one. */
async function countLines({ db, tenant: { tenantId }, part }: Part): Promise<number> {
  const rows = new RowStore(db, tenantId);
  let total = part === 'configuration' ? 1 : 1 + (await new UserTransferStore(db, tenantId).count());
  for (const kind of [...configurationOf(part), ...membersOf(part)]) total += await rows.count(kind);
  return total;
}

async function* lines({ db, tenant, part }: Part): AsyncGenerator<object> {
  const { tenantId: tenant_id } = tenant;
  yield { tessera: 'export', version: 1, tenant_id, at: new Date().toISOString(), left_out: LEFT_OUT };
  const rows = new RowStore(db, tenant_id);
  for (const kind of configurationOf(part))
    for await (const row of rows.rows(kind)) yield { kind: kind.kind, ...row };
  if (part === 'configuration') return;
  for await (const user of new UserTransferStore(db, tenant_id).users()) yield toUserLine(user);
  for (const kind of membersOf(part))
    for await (const row of rows.rows(kind)) yield { kind: kind.kind, ...row };
}
