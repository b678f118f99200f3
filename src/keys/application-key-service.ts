/** The verbs of application signing keys; a private half is sealed before it is stored and never shown. */
import { type AuditLog, actorOf } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { forbidden, invalid, notFound, taken } from '../base/errors.ts';
import { newId } from '../base/secrets.ts';
import { assertUnchanged } from '../base/version.ts';
import { type Database, isUniqueViolation } from '../storage/database.ts';
import { type ApplicationKey, type KeyMaterial, type KeyStatus, materialOf } from './application-key.ts';
import { ApplicationKeyStore } from './application-key-store.ts';
import { makeKey } from './key-ring.ts';
import type { Sealer } from './sealer.ts';

const MAX_KEYS = 20;

export interface KeyChange {
  readonly name?: string | undefined;
  readonly status?: KeyStatus | undefined;
}

export class ApplicationKeyService {
  readonly #db: Database;
  readonly #sealer: Sealer;
  readonly #audit: AuditLog;
  constructor(parts: { db: Database; sealer: Sealer; audit: AuditLog }) {
    this.#db = parts.db;
    this.#sealer = parts.sealer;
    this.#audit = parts.audit;
  }

  /** The keys of the token's own application. */
  list(caller: ManagementCaller): Promise<ApplicationKey[]> {
    return new ApplicationKeyStore(this.#db).list(caller.tenantId, caller.appId);
  }

  /** Makes an RS256 key of 2048 bits. The first key of an application signs, a later one is published first. */
  async create(caller: ManagementCaller, name: string): Promise<ApplicationKey> {
    // Before the costly part; asked again under the lock.
    assertRoom(await this.list(caller));
    const material = await makeKey('RS256');
    return this.#add(caller, { name, source: 'mosaic', material });
  }

  /** @throws 400 for a key that is none of ours, 409 for a `kid` that is taken (contract C23). */
  async upload(
    caller: ManagementCaller,
    input: { name: string; jwk: Readonly<Record<string, unknown>> },
  ): Promise<ApplicationKey> {
    // Who knows a signing key can speak for every client of the application, whatever their own roles say.
    if (caller.kind === 'client' && caller.permissions !== undefined)
      throw forbidden('A client with roles cannot bring a signing key; generate one here instead');
    const material = await materialOf(input.jwk);
    return this.#add(caller, { name: input.name, source: 'uploaded', material });
  }

  /** One key signs: making another `signing` turns the former to `validating`. @throws 404 */
  update(caller: ManagementCaller, keyId: string, change: KeyChange): Promise<ApplicationKey> {
    return this.#write(caller, async (store, keys, db) => {
      const key = ofId(keys, keyId);
      assertUnchanged(caller, key);
      const status = change.status ?? key.status;
      for (const former of keys)
        if (status === 'signing' && former.status === 'signing' && former.keyId !== keyId)
          await store.update(former, { name: former.name, status: 'validating' });
      const updated = await store.update(key, { name: change.name ?? key.name, status });
      await this.#record(db, caller, 'signing_key.updated', updated);
      return updated;
    });
  }

  /** Ends every token that the key signed. @throws 404 */
  remove(caller: ManagementCaller, keyId: string): Promise<void> {
    return this.#write(caller, async (store, keys, db) => {
      const key = ofId(keys, keyId);
      assertUnchanged(caller, key);
      await store.remove(key);
      await this.#record(db, caller, 'signing_key.deleted', key);
    });
  }

  #add(
    caller: ManagementCaller,
    { name, source, material }: { name: string; source: ApplicationKey['source']; material: KeyMaterial },
  ): Promise<ApplicationKey> {
    const { tenantId, appId } = caller;
    const { kid, alg, publicJwk, privateJwk } = material;
    return this.#write(caller, async (store, keys, db) => {
      assertRoom(keys);
      if (await store.isTenantKid(tenantId, kid)) throw kidTaken();
      const status = keys.some((one) => one.status === 'signing') ? 'validating' : 'signing';
      const sealedPrivateJwk = this.#sealer.seal(JSON.stringify(privateJwk), kid);
      const keyId = newId<string>();
      const head = { tenantId, keyId, appId, kid, name, alg, status, source } as const;
      const key = await store.insert({ ...head, publicJwk, sealedPrivateJwk });
      await this.#record(db, caller, 'signing_key.created', key);
      return key;
    });
  }

  async #write<T>(
    caller: ManagementCaller,
    work: (store: ApplicationKeyStore, keys: readonly ApplicationKey[], db: Database) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#db.transaction().execute(async (db) => {
        const store = new ApplicationKeyStore(db);
        if (!(await store.lockApplication(caller.tenantId, caller.appId)))
          throw notFound('Application not found');
        return work(store, await store.list(caller.tenantId, caller.appId), db);
      });
    } catch (error) {
      if (isUniqueViolation(error)) throw kidTaken();
      throw error;
    }
  }

  #record(db: Database, caller: ManagementCaller, type: string, key: ApplicationKey): Promise<void> {
    return this.#audit.record(db, {
      tenantId: caller.tenantId,
      type,
      actor: actorOf(caller),
      subject: key.keyId,
      details: { app_id: key.appId, kid: key.kid, source: key.source, status: key.status },
    });
  }
}

const kidTaken = () => taken('jwk.kid: another key of the tenant has this kid; choose another');

function assertRoom(keys: readonly ApplicationKey[]): void {
  if (keys.length >= MAX_KEYS)
    throw invalid(`An application has at most ${MAX_KEYS} signing keys; delete one`);
}

function ofId(keys: readonly ApplicationKey[], keyId: string): ApplicationKey {
  const key = keys.find((one) => one.keyId === keyId);
  if (!key) throw notFound('Signing key not found');
  return key;
}
