/** The verbs of SAML signing certificates, the same for every kind of owner. */
import { X509Certificate } from 'node:crypto';
import type { AuditLog } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { forbidden } from '../base/errors.ts';
import type { Database } from '../storage/database.ts';
import { type KeyKind, keyKindOf } from './certificate-key.ts';
import type { Upload } from './certificate-upload.ts';
import { assertNoNext, ofStatus, SamlCertificateCycle } from './saml-certificate-cycle.ts';
import type { SamlCertificate } from './saml-certificate-store.ts';
import {
  type CertificateOwner,
  type PublishedCertificate,
  SamlCertificateStore,
} from './saml-certificate-store.ts';
import type { SamlCertificates } from './saml-certificates.ts';

/** A certificate that comes with its key, or the wish for a new one: without a kind, of that of the current one. */
export type CertificateWish = { readonly upload: Upload } | { readonly keyKind?: KeyKind | undefined };

/** What the certificates belong to, as its own noun knows it. */
export interface CertificateHolder<Address> {
  /** @throws 404 for what is out of reach, 400 for what signs nothing for SAML */
  find(db: Database, caller: ManagementCaller, at: Address): Promise<Held>;
  /** As `find`, and keeps other writers away until the transaction ends. */
  lock(trx: Database, caller: ManagementCaller, at: Address): Promise<Held>;
  /** Another certificate signs from now on. @param pem that certificate */
  settle(trx: Database, caller: ManagementCaller, at: Address, pem: string): Promise<void>;
}

export interface Held {
  readonly owner: CertificateOwner;
  /** For the subject of a new certificate. */
  readonly name: string;
}

export class SamlCertificateService<Address> {
  readonly #db: Database;
  readonly #audit: AuditLog;
  readonly #certificates: SamlCertificates;
  readonly #holder: CertificateHolder<Address>;

  constructor(parts: {
    db: Database;
    audit: AuditLog;
    certificates: SamlCertificates;
    holder: CertificateHolder<Address>;
  }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
    this.#certificates = parts.certificates;
    this.#holder = parts.holder;
  }

  /** The current one first. @throws 404, 400 */
  async list(caller: ManagementCaller, at: Address): Promise<PublishedCertificate[]> {
    const { owner } = await this.#holder.find(this.#db, caller, at);
    return new SamlCertificateStore(this.#db).list(caller.tenantId, owner);
  }

  /** Adds the next certificate; it signs nothing before a switch. @throws 404, 400, 403, 409, 412 */
  async add(caller: ManagementCaller, at: Address, wish: CertificateWish): Promise<PublishedCertificate[]> {
    // Before the costly part; asked again under the lock.
    const held = await this.#holder.find(this.#db, caller, at);
    assertNoNext(await new SamlCertificateStore(this.#db).list(caller.tenantId, held.owner));
    const certificate = await this.#made(caller, held, wish);
    return this.#step(caller, at, (cycle) => cycle.announce(certificate));
  }

  /** @throws 404, 400, 409 without a next one that is valid, 412 */
  switchOver(caller: ManagementCaller, at: Address): Promise<PublishedCertificate[]> {
    return this.#step(caller, at, (cycle) => cycle.switchOver());
  }

  /** @throws 404, 400, 409 without a previous one that is valid, or where there is a next one, 412 */
  switchBack(caller: ManagementCaller, at: Address): Promise<PublishedCertificate[]> {
    return this.#step(caller, at, (cycle) => cycle.switchBack());
  }

  /** The current one is gone at once, and with it every signature it made. @throws 404, 400, 403, 409, 412 */
  async replace(
    caller: ManagementCaller,
    at: Address,
    wish: CertificateWish,
  ): Promise<PublishedCertificate[]> {
    const held = await this.#holder.find(this.#db, caller, at);
    const certificate = await this.#made(caller, held, wish);
    return this.#step(caller, at, (cycle) => cycle.replaceCurrent(certificate));
  }

  /** @throws 404, 400, 409 for the current one, 412 */
  async remove(caller: ManagementCaller, at: Address, certificateId: string): Promise<void> {
    await this.#step(caller, at, (cycle) => cycle.remove(certificateId));
  }

  async #made(caller: ManagementCaller, held: Held, wish: CertificateWish): Promise<SamlCertificate> {
    if (!('upload' in wish))
      return this.#certificates.make(held.name, wish.keyKind ?? (await this.#kindOf(caller, held)));
    // Who knows the key can speak for every user towards this service provider, whatever the own roles say.
    if (caller.kind === 'client' && caller.permissions !== undefined)
      throw forbidden('A client with roles cannot bring a signing key; generate one here instead');
    return this.#certificates.take(wish.upload);
  }

  async #kindOf({ tenantId }: ManagementCaller, { owner }: Held): Promise<KeyKind> {
    const current = await new SamlCertificateStore(this.#db).findCurrent(tenantId, owner);
    return (current && keyKindOf(new X509Certificate(current.pem).publicKey)) ?? 'rsa';
  }

  #step(
    caller: ManagementCaller,
    at: Address,
    step: (cycle: SamlCertificateCycle) => Promise<void>,
  ): Promise<PublishedCertificate[]> {
    return this.#db.transaction().execute(async (trx) => {
      const { owner } = await this.#holder.lock(trx, caller, at);
      const store = new SamlCertificateStore(trx);
      const before = await store.findCurrent(caller.tenantId, owner);
      await step(new SamlCertificateCycle({ trx, audit: this.#audit, caller, owner }));
      const list = await store.list(caller.tenantId, owner);
      const current = ofStatus(list, 'current');
      if (current && current.certificateId !== before?.certificateId)
        await this.#holder.settle(trx, caller, at, current.pem);
      return list;
    });
  }
}
