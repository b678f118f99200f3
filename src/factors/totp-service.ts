/** Authenticator apps and recovery codes of users: enrolment, check, list, removal. */
import type { Application } from '../applications/application.ts';
import { ApplicationStore } from '../applications/application-store.ts';
import { houseApplication } from '../applications/house-application.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { notFound } from '../base/errors.ts';
import { isHouse } from '../base/house.ts';
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import type { Sealer } from '../keys/sealer.ts';
import type { Database } from '../storage/database.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import type { GuessLimiter } from '../users/guess-limiter.ts';
import { RecoveryCodeStore } from '../users/recovery-code-store.ts';
import { TotpStore } from '../users/totp-store.ts';
import { UserStore } from '../users/user-store.ts';
import {
  invalidRequest,
  locked,
  methodMissing,
  noSuchAuthenticator,
  tooManyAuthenticators,
  wrongCode,
} from './factor-faults.ts';
import { hashRecoveryCode, newRecoveryCodes } from './recovery-codes.ts';
import { matchedStep, newTotpSecret, type TotpParameters, totpUri } from './totp.ts';
import { hasTotpSettings, type TotpSettings, totpSettings } from './totp-settings.ts';

/** A user at an application, whose settings count. */
export interface FactorOwner {
  readonly tenantId: TenantId;
  readonly appId: AppId;
  readonly userId: UserId;
}

export interface StartedEnrolment {
  readonly totpId: string;
  /** For the QR code. */
  readonly uri: string;
  /** The same for typing, base32. */
  readonly secret: string;
}

interface Parts {
  readonly db: Database;
  readonly ephemeral: EphemeralStore;
  readonly sealer: Pick<Sealer, 'seal' | 'open'>;
  readonly audit: AuditLog;
  readonly limiter: Pick<GuessLimiter, 'guess'>;
}

interface Enrolment extends TotpParameters {
  readonly sealedSecret: string;
  readonly userId: UserId;
}

const ENROLMENT = 'TotpEnrolment';
const ENROLMENT_SECONDS = 600;
const contextOf = (totpId: string): string => `totp ${totpId}`;
/** Authenticator apps show `123 456`. */
const plain = (code: string): string => code.replace(/\s/g, '');

export class TotpService {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Oldest first; confirmed ones only. */
  async list(
    owner: Pick<FactorOwner, 'tenantId' | 'userId'>,
  ): Promise<{ totpId: string; createdAt: Date }[]> {
    const all = await new TotpStore(this.#parts.db).list(owner.tenantId, owner.userId);
    return all.map(({ totpId, createdAt }) => ({ totpId, createdAt }));
  }

  /**
   * Kept for ten minutes until `confirm`.
   * @param label how the app calls the account; the user's identifier where nothing is said
   * @throws 403 without settings for the method, 409 at the limit
   */
  async start(owner: FactorOwner, label?: string): Promise<StartedEnrolment> {
    const application = await this.#application(owner);
    if (!hasTotpSettings(application)) throw methodMissing('totp');
    const settings = totpSettings(application);
    await this.#assertRoom(this.#parts.db, owner, settings);
    const [totpId, secret] = [newId<string>(), newTotpSecret()];
    const { algorithm, digits, period, issuer } = settings;
    const sealedSecret = this.#parts.sealer.seal(secret, contextOf(totpId));
    const enrolment: Enrolment = { sealedSecret, userId: owner.userId, algorithm, digits, period };
    await this.#parts.ephemeral.put(
      this.#enrolmentAt(owner, totpId),
      { ...enrolment },
      { ttlSeconds: ENROLMENT_SECONDS, userId: owner.userId },
    );
    const account = label ?? (await this.#accountName(owner));
    return { totpId, secret, uri: totpUri(secret, settings, { issuer, account }) };
  }

  /**
   * The first authenticator of a user brings recovery codes, which are shown once.
   * @throws 400 for a wrong code, 404 for an enrolment that is over or another user's, 409 at the limit
   */
  async confirm(owner: FactorOwner, totpId: string, code: string): Promise<{ recoveryCodes?: string[] }> {
    const settings = totpSettings(await this.#application(owner));
    const item = await this.#parts.ephemeral.get(this.#enrolmentAt(owner, totpId));
    const enrolment = item?.value as unknown as Enrolment | undefined;
    if (!item || item.consumed || enrolment?.userId !== owner.userId) throw noSuchAuthenticator();
    const step = this.#stepOf({ totpId, ...enrolment }, settings, code);
    if (step === undefined) throw wrongCode();
    if (!(await this.#parts.ephemeral.consume(this.#enrolmentAt(owner, totpId)))) throw noSuchAuthenticator();
    const { sealedSecret, algorithm, digits, period } = enrolment;
    return this.#parts.db.transaction().execute(async (trx) => {
      await new UserStore(trx).lock(owner.tenantId, owner.userId);
      const isFirst = await this.#assertRoom(trx, owner, settings);
      await new TotpStore(trx).insert(owner.tenantId, owner.userId, {
        ...{ totpId, sealedSecret, algorithm, digits, period },
        // The code that confirmed is used up as well.
        lastStep: step,
      });
      await this.#record(trx, owner, 'user.totp_added', { totp_id: totpId });
      return isFirst ? { recoveryCodes: await this.#newCodes(trx, owner) } : {};
    });
  }

  /** Uses the code up. @returns its `amr` value (contract C19). @throws 400 for a wrong or used code, 403 while locked */
  verify(owner: FactorOwner, code: string): Promise<'otp'> {
    return this.#attempt(owner, async (settings) => {
      const store = new TotpStore(this.#parts.db);
      for (const authenticator of await store.list(owner.tenantId, owner.userId)) {
        const step = this.#stepOf(authenticator, settings, code);
        if (step !== undefined && (await store.useStep(owner.tenantId, authenticator.totpId, step)))
          return true;
      }
      return false;
    });
  }

  /** Takes the place of an authenticator app, once. @throws as `verify` */
  verifyRecoveryCode(owner: FactorOwner, code: string): Promise<'otp'> {
    return this.#attempt(owner, async () => {
      const hash = hashRecoveryCode(code);
      const isUsed = await new RecoveryCodeStore(this.#parts.db).use(owner.tenantId, owner.userId, hash);
      if (isUsed) await this.#record(this.#parts.db, owner, 'user.recovery_code_used');
      return isUsed;
    });
  }

  countRecoveryCodes({ tenantId, userId }: Pick<FactorOwner, 'tenantId' | 'userId'>): Promise<number> {
    return new RecoveryCodeStore(this.#parts.db).countUnused(tenantId, userId);
  }

  /** The old ones are worth nothing from now on. @throws 400 for a user without an authenticator app */
  regenerateRecoveryCodes(owner: FactorOwner): Promise<string[]> {
    return this.#parts.db.transaction().execute(async (trx) => {
      await new UserStore(trx).lock(owner.tenantId, owner.userId);
      const authenticators = await new TotpStore(trx).list(owner.tenantId, owner.userId);
      if (authenticators.length === 0)
        throw invalidRequest('The user has no authenticator app that a recovery code could stand for');
      await this.#record(trx, owner, 'user.recovery_codes_regenerated');
      return this.#newCodes(trx, owner);
    });
  }

  /** With the last authenticator the recovery codes go. @throws 404 */
  async remove(owner: FactorOwner, totpId: string): Promise<void> {
    const { tenantId, userId } = owner;
    await this.#parts.db.transaction().execute(async (trx) => {
      await new UserStore(trx).lock(tenantId, userId);
      const store = new TotpStore(trx);
      if (!(await store.remove(tenantId, userId, totpId))) throw noSuchAuthenticator();
      if ((await store.list(tenantId, userId)).length === 0)
        await new RecoveryCodeStore(trx).removeAll(tenantId, userId);
      await this.#record(trx, owner, 'user.totp_removed', { totp_id: totpId });
    });
  }

  async #attempt(owner: FactorOwner, succeeds: (settings: TotpSettings) => Promise<boolean>): Promise<'otp'> {
    const settings = totpSettings(await this.#application(owner));
    // Recovery codes count as well: a second kind of code must not double the guesses.
    const target = { tenantId: owner.tenantId, key: `totp:${owner.userId}`, lockout: settings.lockout };
    const guess = await this.#parts.limiter.guess(target, async () =>
      (await succeeds(settings)) ? 'otp' : undefined,
    );
    if (guess.outcome === 'locked') throw locked(guess.until);
    if (guess.outcome === 'right') return guess.value;
    await this.#record(this.#parts.db, owner, 'user.totp_refused');
    throw wrongCode();
  }

  #stepOf(
    { totpId, sealedSecret, ...parameters }: TotpParameters & { totpId: string; sealedSecret: string },
    { window }: TotpSettings,
    code: string,
  ): number | undefined {
    const secret = this.#parts.sealer.open(sealedSecret, contextOf(totpId));
    return matchedStep(secret, parameters, { code: plain(code), window, now: new Date() });
  }

  async #newCodes(db: Database, { tenantId, userId }: FactorOwner): Promise<string[]> {
    const codes = newRecoveryCodes();
    await new RecoveryCodeStore(db).replace(tenantId, userId, codes.map(hashRecoveryCode));
    return codes;
  }

  /** True where the user has none yet. @throws 409 at the limit */
  async #assertRoom(db: Database, owner: FactorOwner, { maxPerUser }: TotpSettings): Promise<boolean> {
    const { length } = await new TotpStore(db).list(owner.tenantId, owner.userId);
    if (length >= maxPerUser) throw tooManyAuthenticators(maxPerUser);
    return length === 0;
  }

  async #application({ tenantId, appId }: FactorOwner): Promise<Application> {
    if (isHouse(appId)) return houseApplication(tenantId, 'Tessera');
    const application = await new ApplicationStore(this.#parts.db).find(tenantId, appId);
    if (!application) throw notFound('Application not found');
    return application;
  }

  /** What the authenticator app shows beside the code. */
  async #accountName({ tenantId, appId, userId }: FactorOwner): Promise<string> {
    const users = new UserStore(this.#parts.db);
    const user = await users.find(tenantId, userId);
    if (!user) throw notFound('User not found');
    const username = (await users.findMembership(tenantId, userId, appId))?.username;
    return user.email ?? username ?? user.phoneNumber ?? userId;
  }

  #enrolmentAt({ tenantId }: FactorOwner, totpId: string) {
    return { tenantId, kind: ENROLMENT, key: totpId };
  }

  #record(
    db: Database,
    { tenantId, userId, appId }: FactorOwner,
    type: string,
    details: Record<string, unknown> = {},
  ): Promise<void> {
    const actor = { kind: 'user', id: userId } as const;
    return this.#parts.audit.record(db, {
      tenantId,
      type,
      actor,
      subject: userId,
      details: { ...details, app_id: appId },
    });
  }
}
