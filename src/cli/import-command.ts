/** `import`: brings configuration and users from JSON lines on standard input into the tenant. */

import { AuditLog } from '../audit/audit-log.ts';
import { openSealer } from '../keys/master-key.ts';
import { SamlCertificates } from '../keys/saml-certificates.ts';
import type { Database } from '../storage/database.ts';
import type { Tenant } from '../tenants/tenant-store.ts';
import type { Command, CommandContext } from './command.ts';
import { Importer, type InTransaction } from './transfer/importer.ts';
import { type Interruption, interruption } from './transfer/interruption.ts';
import { withTenant } from './transfer/open-tenant.ts';
import { inputSize, progressOn } from './transfer/progress.ts';
import { type InputLine, readLines } from './transfer/read-lines.ts';
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
  const all = { context, options, tenant, report };
  let interrupted: number | undefined;
  if (options.dryRun)
    await rolledBack(db, async (trx) => {
      interrupted = await takeAll(all, (work) => work(trx));
    });
  else {
    interrupted = await takeAll(all, (work) => db.transaction().execute(work));
    await recordRun(db, tenant, report, interrupted === undefined ? 'finished' : 'interrupted');
  }
  await report.close();
  context.stdout.write(`${options.dryRun ? 'Dry run: nothing was written.\n' : ''}${report.text()}`);
  return interrupted ?? (report.refused > 0 ? REFUSED : 0);
}

interface Run {
  readonly context: CommandContext;
  readonly options: ImportOptions;
  readonly tenant: Tenant;
  readonly report: Report;
}

/** The exit code of the signal that ended it early; undefined where it came to its end. */
async function takeAll(run: Run, inTransaction: InTransaction): Promise<number | undefined> {
  const { context, options, tenant, report } = run;
  const { config } = context;
  const importer = new Importer({
    inTransaction,
    tenantId: tenant.tenantId,
    report,
    certificates: async (trx) =>
      new SamlCertificates({ db: trx, sealer: await openSealer(trx, config.masterKey, config.keysDir) }),
  });
  const progress = progressOn(context.stderr, 'bytes', inputSize());
  const lines = readLines(context.stdin);
  // What the reader waits for will not come: a terminal, or a pipe that stays open.
  const interrupt = interruption(() => (context.stdin as NodeJS.ReadStream).destroy());
  let last = 0;
  try {
    for await (const line of untilStopped(lines, interrupt)) {
      if (line.number >= options.resumeFrom) await importer.take(line);
      else importer.skip(line);
      last = line.number;
      progress.update(line.bytes);
    }
    await importer.flush();
    if (interrupt.code === undefined) await importer.removeGone();
  } catch (error) {
    progress.stop();
    context.stderr.write(`Stopped. Go on with --resume-from ${importer.firstUnwritten(last)}.\n`);
    throw error;
  } finally {
    progress.stop();
    interrupt.end();
  }
  if (interrupt.code !== undefined) context.stderr.write(interruptedText(options, last));
  return interrupt.code;
}

async function* untilStopped(
  lines: AsyncIterable<InputLine>,
  interrupt: Interruption,
): AsyncGenerator<InputLine> {
  try {
    for await (const line of lines) {
      if (interrupt.code !== undefined) return;
      yield line;
    }
  } catch (error) {
    // Closing the input is how an interruption ends the wait for more.
    if (interrupt.code === undefined) throw error;
  }
}

const interruptedText = ({ dryRun, resumeFrom }: ImportOptions, last: number): string =>
  dryRun
    ? `Interrupted after ${last} lines.\n`
    : `Interrupted after ${last} lines. Go on with --resume-from ${Math.max(last + 1, resumeFrom)}.\n`;

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
async function recordRun(
  db: Database,
  { tenantId }: Tenant,
  report: Report,
  end: 'finished' | 'interrupted',
): Promise<void> {
  await new AuditLog().record(db, {
    tenantId,
    type: `import.${end}`,
    actor: { kind: 'system', id: 'import' },
    subject: tenantId,
    details: report.counts,
  });
}
