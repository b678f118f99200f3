/** The verbs of resources: tenant-wide, open to every management caller (contract R141). */
import { type AuditLog, actorOf, type SystemAuthor } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { conflict, invalid, notFound } from '../base/errors.ts';
import type { ResourceId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import { assertUnchanged } from '../base/version.ts';
import { type Database, isForeignKeyViolation, isUniqueViolation } from '../storage/database.ts';
import { type Resource, type ResourceInput, resourceUriProblem } from './resource.ts';
import { ResourceStore } from './resource-store.ts';

type Author = ManagementCaller | SystemAuthor;

const missing = () => notFound('Resource does not exist in tenant');

export class ResourceService {
  readonly #db: Database;
  readonly #audit: AuditLog;

  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
  }

  list(caller: Author): Promise<Resource[]> {
    return new ResourceStore(this.#db).list(caller.tenantId);
  }

  /** @throws 404 for a URI that is no resource of the tenant. */
  async getByUri(caller: Author, uri: string): Promise<Resource> {
    const resource = await new ResourceStore(this.#db).findByUri(caller.tenantId, uri);
    if (!resource) throw missing();
    return resource;
  }

  /** @throws 400 for a bad or taken URI (contract C23). */
  create(caller: Author, input: ResourceInput): Promise<Resource> {
    assertUri(input.uri);
    return this.#change(caller, 'resource.created', (store) =>
      store.insert(caller.tenantId, newId<ResourceId>(), input),
    );
  }

  /** Absent members stay. @throws 404, or 400 for a bad or taken URI. */
  update(caller: ManagementCaller, resourceId: ResourceId, input: Partial<ResourceInput>): Promise<Resource> {
    if (input.uri !== undefined) assertUri(input.uri);
    return this.#change(caller, 'resource.updated', async (store) => {
      const resource = await store.findLocked(caller.tenantId, resourceId);
      if (!resource) throw missing();
      assertUnchanged(caller, resource);
      const updated = await store.update(caller.tenantId, resourceId, input);
      // Nobody can use what stands for the former URI; with another resource of that URI it would come back.
      if (updated.uri !== resource.uri) await store.endUses(caller.tenantId, resource.uri);
      return updated;
    });
  }

  /** @throws 404, or 409 while some client has the resource. */
  async remove(caller: ManagementCaller, resourceId: ResourceId): Promise<void> {
    try {
      await this.#db.transaction().execute(async (trx) => {
        const store = new ResourceStore(trx);
        const resource = await store.findLocked(caller.tenantId, resourceId);
        if (!resource) throw missing();
        assertUnchanged(caller, resource);
        await store.remove(caller.tenantId, resourceId);
        await this.#record(trx, caller, 'resource.deleted', resourceId);
      });
    } catch (error) {
      if (isForeignKeyViolation(error)) throw conflict('Resource in use');
      throw error;
    }
  }

  async #change(
    caller: Author,
    type: string,
    write: (store: ResourceStore) => Promise<Resource>,
  ): Promise<Resource> {
    try {
      return await this.#db.transaction().execute(async (trx) => {
        const resource = await write(new ResourceStore(trx));
        await this.#record(trx, caller, type, resource.resourceId);
        return resource;
      });
    } catch (error) {
      if (isUniqueViolation(error)) throw invalid('uri is already taken by another resource');
      throw error;
    }
  }

  #record(db: Database, caller: Author, type: string, subject: string): Promise<void> {
    return this.#audit.record(db, { tenantId: caller.tenantId, type, actor: actorOf(caller), subject });
  }
}

function assertUri(uri: string): void {
  const problem = resourceUriProblem(uri);
  if (problem !== undefined) throw invalid(`uri ${problem}`);
}
