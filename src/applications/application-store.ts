/** Reads and writes the rows of applications. */
import { type Selectable, sql } from 'kysely';
import type { AppId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { ApplicationsTable } from '../storage/tables.ts';
import {
  type Application,
  type ApplicationKind,
  type ApplicationSettings,
  DEFAULT_APPLICATION_SETTINGS,
} from './application.ts';
import { DEFAULT_HOSTED_LOGIN } from './hosted-login.ts';

/** More than that of other statements: an application must not grow beyond being deletable. */
const REMOVAL_MS = 600_000;

export type NewApplication = Omit<Application, 'createdAt' | 'updatedAt'>;

export class ApplicationStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  async find(tenantId: TenantId, appId: AppId): Promise<Application | undefined> {
    const row = await this.#of(tenantId).where('app_id', '=', appId).executeTakeFirst();
    return row && toApplication(row);
  }

  /** As `find`, and keeps others from changing it until the transaction ends. */
  async findLocked(tenantId: TenantId, appId: AppId): Promise<Application | undefined> {
    const row = await this.#of(tenantId).where('app_id', '=', appId).forUpdate().executeTakeFirst();
    return row && toApplication(row);
  }

  /** Applications of one kind, oldest first; `only` narrows to one. */
  async list(tenantId: TenantId, kind: ApplicationKind, only?: AppId): Promise<Application[]> {
    const all = this.#of(tenantId).where('kind', '=', kind).orderBy('created_at').orderBy('app_id');
    const rows = await (only === undefined ? all : all.where('app_id', '=', only)).execute();
    return rows.map(toApplication);
  }

  /**
   * Serialises what must be unique in the tenant but has no index of its own. It must not keep out those who only refer
   * to the tenant: every insert does, and one that waits here while it holds what this transaction wants is a deadlock.
   */
  async lockTenant(tenantId: TenantId): Promise<void> {
    await this.#db
      .selectFrom('tenants')
      .select('tenant_id')
      .where('tenant_id', '=', tenantId)
      .forNoKeyUpdate()
      .execute();
  }

  /** True where another application of the tenant has this custom domain. */
  hasCustomDomain(tenantId: TenantId, domain: string, except: AppId): Promise<boolean> {
    return this.#otherWith(tenantId, except, sql<boolean>`settings->'custom_domain'->>'domain' = ${domain}`);
  }

  /** True where another application of the tenant is the Authentication Hub. */
  hasHub(tenantId: TenantId, except: AppId): Promise<boolean> {
    const isHub = sql<boolean>`(settings->'authenticator_preferences'->>'is_centralized')::boolean`;
    return this.#otherWith(tenantId, except, isHub);
  }

  /** The Authentication Hub of the tenant. */
  async findHub(tenantId: TenantId): Promise<{ appId: AppId; loginUri: string } | undefined> {
    const row = await this.#db
      .selectFrom('applications')
      .select(['app_id', sql<string>`settings->'authenticator_preferences'->>'login_uri'`.as('login_uri')])
      .where('tenant_id', '=', tenantId)
      .where('kind', '=', 'end_user')
      .where(sql<boolean>`(settings->'authenticator_preferences'->>'is_centralized')::boolean`)
      .executeTakeFirst();
    return row && row.login_uri !== '' ? { appId: row.app_id, loginUri: row.login_uri } : undefined;
  }

  async insert(application: NewApplication): Promise<void> {
    await this.#db
      .insertInto('applications')
      .values({
        tenant_id: application.tenantId,
        app_id: application.appId,
        kind: application.kind,
        name: application.name,
        settings: JSON.stringify(application.settings),
        created_by: application.createdBy,
      })
      .execute();
  }

  async update(tenantId: TenantId, appId: AppId, name: string, settings: ApplicationSettings): Promise<void> {
    await this.#db
      .updateTable('applications')
      .set({ name, settings: JSON.stringify(settings), updated_at: new Date() })
      .where('tenant_id', '=', tenantId)
      .where('app_id', '=', appId)
      .execute();
  }

  /** Takes the clients with it. */
  async remove(tenantId: TenantId, appId: AppId): Promise<void> {
    // One statement takes all that hangs on it: about 4 seconds for 200,000 members with grants, tokens and consents.
    await sql`set local statement_timeout = ${sql.lit(REMOVAL_MS)}`.execute(this.#db);
    await this.#db
      .deleteFrom('applications')
      .where('tenant_id', '=', tenantId)
      .where('app_id', '=', appId)
      .execute();
  }

  #of(tenantId: TenantId) {
    return this.#db.selectFrom('applications').selectAll().where('tenant_id', '=', tenantId);
  }

  async #otherWith(
    tenantId: TenantId,
    except: AppId,
    condition: ReturnType<typeof sql<boolean>>,
  ): Promise<boolean> {
    const query = this.#of(tenantId).where('app_id', '<>', except).where(condition).limit(1);
    return (await query.executeTakeFirst()) !== undefined;
  }
}

const toApplication = (row: Selectable<ApplicationsTable>): Application => ({
  tenantId: row.tenant_id,
  appId: row.app_id,
  kind: row.kind,
  name: row.name,
  settings: completed(row.settings as Partial<ApplicationSettings>),
  createdBy: row.created_by,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** A row of an older version lacks what was added since. */
const completed = (stored: Partial<ApplicationSettings>): ApplicationSettings => ({
  ...DEFAULT_APPLICATION_SETTINGS,
  ...stored,
  hosted_login: { ...DEFAULT_HOSTED_LOGIN, ...stored.hosted_login },
});
