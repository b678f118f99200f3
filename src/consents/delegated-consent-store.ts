/** Reads and writes the rows of delegated consents. An expired one is as good as none, swept or not. */
import { sql } from 'kysely';
import type { AppId, ConsentId, TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import { type DelegatedConsent, type Delegation, permits } from './delegated-consent.ts';

export interface NewDelegatedConsent extends Omit<Delegation, 'appId'> {
  readonly consentId: ConsentId;
  readonly appId: AppId | null;
  readonly permissions: readonly string[];
  readonly validitySeconds: number;
  readonly isGranted: boolean;
}

/**
 * One for every application is good where the subject is (management-api.md 12); a dependent user who is in none yet may be
 * acted for in any. A management application, whose token made the user, signs nobody in and does not count.
 */
const isGoodIn = (appId: AppId) => sql<boolean>`(app_id = ${appId} or app_id is null and (
  exists (select 1 from user_applications u where u.user_id = subject_id and u.app_id = ${appId})
  or not exists (select 1 from user_applications u join applications a on a.app_id = u.app_id
    where u.user_id = subject_id and a.kind = 'end_user')))`;

const inSeconds = (seconds: number) => sql<Date>`now() + make_interval(secs => ${seconds})`;

export class DelegatedConsentStore {
  readonly #db: Database;
  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  #living(tenantId: TenantId) {
    return this.#db
      .selectFrom('delegated_consents')
      .select([
        'consent_id as consentId',
        'tenant_id as tenantId',
        'app_id as appId',
        'actor_id as actorId',
        'subject_id as subjectId',
        sql<string[]>`permissions`.as('permissions'),
        'created_at as createdAt',
        'granted_at as grantedAt',
        'expires_at as expiresAt',
      ])
      .where('tenant_id', '=', tenantId)
      .where('expires_at', '>', sql<Date>`now()`);
  }

  async insert(consent: NewDelegatedConsent): Promise<void> {
    await this.#db
      .insertInto('delegated_consents')
      .values({
        tenant_id: consent.tenantId,
        consent_id: consent.consentId,
        app_id: consent.appId,
        actor_id: consent.actorId,
        subject_id: consent.subjectId,
        permissions: JSON.stringify(consent.permissions),
        validity_seconds: consent.validitySeconds,
        granted_at: consent.isGranted ? sql<Date>`now()` : null,
        expires_at: inSeconds(consent.validitySeconds),
      })
      .execute();
  }

  /** Of one user, on either side, in an application; oldest first. */
  async ofUser(tenantId: TenantId, appId: AppId, userId: UserId): Promise<DelegatedConsent[]> {
    return this.#living(tenantId)
      .where(sql<boolean>`(app_id = ${appId} or app_id is null)`)
      .where((eb) => eb.or([eb('actor_id', '=', userId), eb('subject_id', '=', userId)]))
      .orderBy('created_at')
      .orderBy('consent_id')
      .execute();
  }

  /** The granted consent that lasts longest of those that permit all that is asked for. */
  async findCovering(
    { tenantId, appId, actorId, subjectId }: Delegation,
    permissions: readonly string[],
  ): Promise<DelegatedConsent | undefined> {
    const consents = await this.#living(tenantId)
      .where(isGoodIn(appId))
      .where('actor_id', '=', actorId)
      .where('subject_id', '=', subjectId)
      .where('granted_at', 'is not', null)
      .orderBy('expires_at', 'desc')
      .orderBy('consent_id')
      .execute();
    return consents.find((consent) => permits(consent, permissions));
  }

  /** The subject says yes; its period begins now. Undefined unless it waits for this subject, in this application. */
  async grant(
    consentId: ConsentId,
    { tenantId, appId, subjectId }: Omit<Delegation, 'actorId'>,
  ): Promise<{ actorId: UserId } | undefined> {
    return this.#db
      .updateTable('delegated_consents')
      .set({
        granted_at: sql<Date>`now()`,
        expires_at: sql<Date>`now() + make_interval(secs => validity_seconds)`,
      })
      .where('tenant_id', '=', tenantId)
      .where('consent_id', '=', consentId)
      .where('app_id', '=', appId)
      .where('subject_id', '=', subjectId)
      .where('granted_at', 'is', null)
      .where('expires_at', '>', sql<Date>`now()`)
      .returning('actor_id as actorId')
      .executeTakeFirst();
  }

  /** Drops what waits for an answer, or everything. @returns the ids. */
  async remove(
    { tenantId, appId, actorId, subjectId }: Delegation,
    which: 'waiting' | 'all',
  ): Promise<ConsentId[]> {
    const rows = await this.#db
      .deleteFrom('delegated_consents')
      .where('tenant_id', '=', tenantId)
      .where(sql<boolean>`(app_id = ${appId} or app_id is null)`)
      .where('actor_id', '=', actorId)
      .where('subject_id', '=', subjectId)
      .$if(which === 'waiting', (query) => query.where('granted_at', 'is', null))
      .returning('consent_id')
      .execute();
    return rows.map((row) => row.consent_id);
  }
}
