/** How a SAML signing certificate comes and goes: next, current, previous, gone. One transaction per step. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { conflict, invalid, notFound } from '../base/errors.ts';
import { assertUnchanged } from '../base/version.ts';
import type { Database } from '../storage/database.ts';
import type { SamlCertificate } from './saml-certificate-store.ts';
import {
  type CertificateOwner,
  type PublishedCertificate,
  type SamlCertificateStatus,
  SamlCertificateStore,
} from './saml-certificate-store.ts';

interface Target {
  /** The transaction that holds the lock of the owner. */
  readonly trx: Database;
  readonly audit: AuditLog;
  readonly caller: ManagementCaller;
  readonly owner: CertificateOwner;
}

type Published = readonly PublishedCertificate[];

export const ofStatus = (list: Published, status: SamlCertificateStatus): PublishedCertificate | undefined =>
  list.find((one) => one.status === status);

export class SamlCertificateCycle {
  readonly #target: Target;
  readonly #store: SamlCertificateStore;

  constructor(target: Target) {
    this.#target = target;
    this.#store = new SamlCertificateStore(target.trx);
  }

  /** Published from now on, signs after a switch. @throws 409 where there is a next one, or this one already. */
  async announce(certificate: SamlCertificate): Promise<void> {
    const list = await this.#read();
    assertNoNext(list);
    assertNew(list, certificate);
    await this.#insert(certificate, 'next');
    await this.#record('saml_certificate.added', certificate.certificateId, { status: 'next' });
  }

  /** The next one signs; the current one stays published as the previous, the one before that goes. @throws 409 */
  async switchOver(): Promise<void> {
    const list = await this.#read();
    const next = ofStatus(list, 'next');
    if (!next) throw conflict('There is no next certificate to switch to; add one first');
    assertValidNow(next);
    const before = ofStatus(list, 'previous');
    if (before) await this.#remove(before.certificateId);
    const current = ofStatus(list, 'current');
    if (current) await this.#set(current.certificateId, 'previous');
    await this.#set(next.certificateId, 'current');
    await this.#record('saml_certificate.switched', next.certificateId, {
      previous: current?.certificateId,
      removed: before?.certificateId,
    });
  }

  /** The previous one signs again, the current one is the next. @throws 409 */
  async switchBack(): Promise<void> {
    const list = await this.#read();
    const previous = ofStatus(list, 'previous');
    if (!previous) throw conflict('There is no previous certificate to switch back to');
    if (ofStatus(list, 'next'))
      throw conflict('There is a next certificate, whose place the current one would take; delete it first');
    assertValidNow(previous);
    const current = ofStatus(list, 'current');
    if (current) await this.#set(current.certificateId, 'next');
    await this.#set(previous.certificateId, 'current');
    await this.#record('saml_certificate.switched_back', previous.certificateId, {
      next: current?.certificateId,
    });
  }

  /** For a key that somebody else may have: the former current one is gone at once. @throws 400, 409 */
  async replaceCurrent(certificate: SamlCertificate): Promise<void> {
    const list = await this.#read();
    assertNew(list, certificate);
    if (certificate.notBefore > new Date())
      throw invalid(`certificate is not valid before ${certificate.notBefore.toISOString()}`);
    const current = ofStatus(list, 'current');
    if (current) await this.#remove(current.certificateId);
    await this.#insert(certificate, 'current');
    await this.#record('saml_certificate.replaced', certificate.certificateId, {
      removed: current?.certificateId,
    });
  }

  /** @throws 404, 409 for the current one */
  async remove(certificateId: string): Promise<void> {
    const list = await this.#read();
    const found = list.find((one) => one.certificateId === certificateId);
    if (!found) throw notFound('SAML certificate not found');
    if (found.status === 'current')
      throw conflict('The current certificate signs; switch to the next one, or replace it');
    await this.#remove(certificateId);
    await this.#record('saml_certificate.deleted', certificateId, { status: found.status });
  }

  /** @throws 412 */
  async #read(): Promise<PublishedCertificate[]> {
    const { caller, owner } = this.#target;
    const list = await this.#store.list(caller.tenantId, owner);
    assertUnchanged(caller, list);
    return list;
  }

  #insert(certificate: SamlCertificate, status: SamlCertificateStatus): Promise<void> {
    const { caller, owner } = this.#target;
    return this.#store.insert(caller.tenantId, owner, certificate, status);
  }

  #set(certificateId: string, status: SamlCertificateStatus): Promise<void> {
    return this.#store.setStatus(this.#target.caller.tenantId, certificateId, status);
  }

  #remove(certificateId: string): Promise<void> {
    return this.#store.remove(this.#target.caller.tenantId, certificateId);
  }

  #record(type: string, subject: string, details: Record<string, unknown>): Promise<void> {
    const { audit, trx, caller, owner } = this.#target;
    const of =
      'clientId' in owner ? { client_id: owner.clientId } : { service_provider_id: owner.serviceProviderId };
    return audit.recordBy(trx, caller, { type, subject, details: { ...of, ...details } });
  }
}

/** @throws 409 */
export function assertNoNext(list: Published): void {
  if (ofStatus(list, 'next'))
    throw conflict('There is a next certificate already; switch to it, or delete it first');
}

function assertNew(list: Published, { pem }: SamlCertificate): void {
  const same = list.find((one) => one.pem.trim() === pem.trim());
  if (same) throw conflict(`This certificate is here already, as the ${same.status} one`);
}

function assertValidNow({ status, notBefore, notAfter }: PublishedCertificate): void {
  const now = new Date();
  if (notBefore > now)
    throw conflict(`The ${status} certificate is not valid before ${notBefore.toISOString()}`);
  if (notAfter <= now)
    throw conflict(`The ${status} certificate ended at ${notAfter.toISOString()}; add another`);
}
