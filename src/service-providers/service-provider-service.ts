/** The verbs of service providers. Each has a signing key of its own. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { conflict, invalid, notFound } from '../base/errors.ts';
import type { ServiceProviderId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import { assertUnchanged } from '../base/version.ts';
import { SamlCertificateStore } from '../keys/saml-certificate-store.ts';
import type { SamlCertificates } from '../keys/saml-certificates.ts';
import { type Database, isForeignKeyViolation } from '../storage/database.ts';
import { consumerUrlProblem, type ServiceProvider, type ServiceProviderInput } from './service-provider.ts';
import { ServiceProviderStore } from './service-provider-store.ts';

export const serviceProviderMissing = () => notFound('Service provider does not exist in tenant');

export class ServiceProviderService {
  readonly #db: Database;
  readonly #audit: AuditLog;
  readonly #certificates: SamlCertificates;

  constructor(parts: { db: Database; audit: AuditLog; certificates: SamlCertificates }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
    this.#certificates = parts.certificates;
  }

  list(caller: ManagementCaller): Promise<ServiceProvider[]> {
    return new ServiceProviderStore(this.#db).list(caller.tenantId);
  }

  /** @throws 404 */
  get(caller: ManagementCaller, id: ServiceProviderId): Promise<ServiceProvider> {
    return getWithin(this.#db, caller, id);
  }

  /** @throws 400 for an assertion consumer URL that no response may be posted to. */
  async create(caller: ManagementCaller, input: ServiceProviderInput): Promise<ServiceProvider> {
    assertConsumerUrl(input);
    const { tenantId } = caller;
    const id = newId<ServiceProviderId>();
    const certificate = await this.#certificates.make(input.name);
    return this.#db.transaction().execute(async (trx) => {
      await new ServiceProviderStore(trx).insert(tenantId, id, input);
      await new SamlCertificateStore(trx).insertCurrent(tenantId, { serviceProviderId: id }, certificate);
      await this.#audit.recordBy(trx, caller, { type: 'service_provider.created', subject: id });
      return getWithin(trx, caller, id);
    });
  }

  /** Absent members stay. @throws 404, 400, 412 */
  update(
    caller: ManagementCaller,
    id: ServiceProviderId,
    input: Partial<ServiceProviderInput>,
  ): Promise<ServiceProvider> {
    assertConsumerUrl(input);
    return this.#locked(caller, id, async (trx, { name, description, ...provider }) => {
      await new ServiceProviderStore(trx).update(caller.tenantId, id, {
        name: input.name ?? name,
        description: input.description ?? description,
        assertionConsumerServiceUrl:
          input.assertionConsumerServiceUrl ?? provider.assertionConsumerServiceUrl,
        entityId: input.entityId ?? provider.entityId,
        nameQualifier: input.nameQualifier ?? provider.nameQualifier,
      });
      await this.#audit.recordBy(trx, caller, {
        type: 'service_provider.updated',
        subject: id,
        details: { fields: Object.keys(input) },
      });
      return getWithin(trx, caller, id);
    });
  }

  /** @throws 404, 412, or 409 while an application names it. */
  async remove(caller: ManagementCaller, id: ServiceProviderId): Promise<void> {
    try {
      await this.#locked(caller, id, async (trx) => {
        await new ServiceProviderStore(trx).remove(caller.tenantId, id);
        await this.#audit.recordBy(trx, caller, { type: 'service_provider.deleted', subject: id });
      });
    } catch (error) {
      throw isForeignKeyViolation(error) ? conflict('Service provider in use') : error;
    }
  }

  #locked<T>(
    caller: ManagementCaller,
    id: ServiceProviderId,
    work: (trx: Database, provider: ServiceProvider) => Promise<T>,
  ): Promise<T> {
    return this.#db.transaction().execute(async (trx) => {
      const provider = await new ServiceProviderStore(trx).findLocked(caller.tenantId, id);
      if (!provider) throw serviceProviderMissing();
      assertUnchanged(caller, provider);
      return work(trx, provider);
    });
  }
}

async function getWithin(
  db: Database,
  { tenantId }: ManagementCaller,
  id: ServiceProviderId,
): Promise<ServiceProvider> {
  const provider = await new ServiceProviderStore(db).find(tenantId, id);
  if (!provider) throw serviceProviderMissing();
  return provider;
}

function assertConsumerUrl({ assertionConsumerServiceUrl: url }: Partial<ServiceProviderInput>): void {
  const problem = url === undefined ? undefined : consumerUrlProblem(url);
  if (problem !== undefined) throw invalid(problem);
}
