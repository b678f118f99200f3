/** `import`: brings configuration and users from JSON lines on standard input into the tenant. */

import { AuditLog } from '../audit/audit-log.ts';
import type { Database } from '../storage/database.ts';
import type { Tenant } from '../tenants/tenant-store.ts';
import type { Command, CommandContext } from './command.ts';
import { Importer, type InTransaction } from './transfer/importer.ts';
import { withTenant } from './transfer/open-tenant.ts';
import { inputSize, progressOn } from './transfer/progress.ts';
import { readLines } from './transfer/read-lines.ts';
import { Report } from './transfer/report.ts';
import { type ImportOptions, importOptions } from './transfer-options.ts';

/** Some lines were refused; the others are written. */
const REFUSED = 3;

export const IMPORT: Command = {
  name: 'import',
  usage: '[--dry-run] [--resume-from <line>] [--refused <file>] < file',
  summary: 'Bring configuration and users from JSON lines into the tenant; twice changes nothing.',
  run: (context) => withTenant(context.config, ({ database: { db }, tenant }) => run(context, db, tenant)),
};

async function run(context: CommandContext, db: Database, tenant: Tenant): Promise<number> {
  const options = importOptions(context.arguments);
  const report = new Report(options.refused);
  if (options.dryRun)
    await rolledBack(db, (trx) => takeAll({ context, options, tenant, report }, (work) => work(trx)));
  else {
    const ownTransactions: InTransaction = (work) => db.transaction().execute(work);
    await takeAll({ context, options, tenant, report }, ownTransactions);
    await recordRun(db, tenant, report);
  }
  await report.close();
  context.stdout.write(`${options.dryRun ? 'Dry run: nothing was written.\n' : ''}${report.text()}`);
  return report.refused > 0 ? REFUSED : 0;
}

interface Run {
  readonly context: CommandContext;
  readonly options: ImportOptions;
  readonly tenant: Tenant;
  readonly report: Report;
}

async function takeAll(
  { context, options, tenant, report }: Run,
  inTransaction: InTransaction,
): Promise<void> {
  const importer = new Importer({ inTransaction, tenantId: tenant.tenantId, report });
  const progress = progressOn(context.stderr, 'bytes', inputSize());
  let last = 0;
  try {
    for await (const line of readLines(context.stdin)) {
      if (line.number >= options.resumeFrom) await importer.take(line);
      last = line.number;
      progress.update(line.bytes);
    }
    await importer.flush();
  } catch (error) {
    context.stderr.write(`Stopped. Go on with --resume-from ${importer.firstUnwritten(last)}.\n`);
    throw error;
  } finally {
    progress.stop();
  }
}

class RolledBack extends Error {}

async function rolledBack(db: Database, work: (trx: Database) => Promise<void>): Promise<void> {
  await db
    .transaction()
    .execute(async (trx) => {
      await work(trx);
      throw new RolledBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error;
    });
}

/** One event for the run; configuration objects have one each besides. */
async function recordRun(db: Database, { tenantId }: Tenant, report: Report): Promise<void> {
  const actor = { kind: 'system', id: 'import' } as const;
  await new AuditLog().record(db, {
    tenantId,
    type: 'import.finished',
    actor,
    subject: tenantId,
    details: report.counts,
  });
}
