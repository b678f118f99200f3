/** Reads and writes the rows of consents. An expired consent is as good as none, swept or not. */
import { sql } from 'kysely';
import type { AppId, ClientId, ConsentId, TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import { type Consent, type ConsentRequest, covers, scopeText } from './consent.ts';

/** Absent members do not narrow. */
export interface ConsentFilter {
  readonly appId?: AppId | undefined;
  readonly clientId?: ClientId | undefined;
  readonly userId?: UserId | undefined;
  readonly consentId?: ConsentId | undefined;
}

export class ConsentStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** The consent that lasts longest of those that allow all that is asked for. */
  async findCovering(request: ConsentRequest): Promise<Consent | undefined> {
    const { tenantId, clientId, userId } = request;
    const consents = await this.list(tenantId, { clientId, userId });
    return consents
      .filter((consent) => covers(consent, request))
      .sort((a, b) => b.expiresAt.getTime() - a.expiresAt.getTime())[0];
  }

  /** Oldest first, living ones only. */
  async list(tenantId: TenantId, filter: ConsentFilter): Promise<Consent[]> {
    return this.#db
      .selectFrom('consents as o')
      .innerJoin('clients as c', 'c.client_id', 'o.client_id')
      .select([
        'o.consent_id as consentId',
        'o.tenant_id as tenantId',
        'c.app_id as appId',
        'o.client_id as clientId',
        'c.name as clientName',
        'o.user_id as userId',
        'o.scope',
        'o.resource',
        'o.created_at as createdAt',
        'o.updated_at as updatedAt',
        'o.expires_at as expiresAt',
      ])
      .where('o.tenant_id', '=', tenantId)
      .where('o.expires_at', '>', sql<Date>`now()`)
      .$if(filter.appId !== undefined, (query) => query.where('c.app_id', '=', filter.appId as AppId))
      .$if(filter.clientId !== undefined, (query) =>
        query.where('o.client_id', '=', filter.clientId as ClientId),
      )
      .$if(filter.userId !== undefined, (query) => query.where('o.user_id', '=', filter.userId as UserId))
      .$if(filter.consentId !== undefined, (query) =>
        query.where('o.consent_id', '=', filter.consentId as ConsentId),
      )
      .orderBy('o.created_at')
      .orderBy('o.consent_id')
      .execute();
  }

  /** Starts the period of the consent to this very set of scopes anew, or adds one. */
  async give(consentId: ConsentId, request: ConsentRequest, validitySeconds: number): Promise<ConsentId> {
    const { tenantId, clientId, userId, resource } = request;
    const scope = scopeText(request.scopes);
    const expiresAt = sql<Date>`now() + make_interval(secs => ${validitySeconds})`;
    const renewed = await this.#db
      .updateTable('consents')
      .set({ updated_at: sql<Date>`now()`, expires_at: expiresAt })
      .where('tenant_id', '=', tenantId)
      .where('client_id', '=', clientId)
      .where('user_id', '=', userId)
      .where('scope', '=', scope)
      .where('resource', '=', resource)
      .returning('consent_id')
      .executeTakeFirst();
    if (renewed) return renewed.consent_id;
    await this.#db
      .insertInto('consents')
      .values({
        tenant_id: tenantId,
        consent_id: consentId,
        client_id: clientId,
        user_id: userId,
        scope,
        resource,
        expires_at: expiresAt,
      })
      .execute();
    return consentId;
  }

  /** Ends consents; the grants and refresh tokens that rest on them go with them. @returns those that were still there. */
  async remove(tenantId: TenantId, ids: readonly ConsentId[]): Promise<Set<ConsentId>> {
    if (ids.length === 0) return new Set();
    const rows = await this.#db
      .deleteFrom('consents')
      .where('tenant_id', '=', tenantId)
      .where('consent_id', 'in', [...ids])
      .returning('consent_id')
      .execute();
    return new Set(rows.map((row) => row.consent_id));
  }
}
