/** Carries out a plan step by step; a step that fails ends it, and what was done stays done. */
import { Faults } from './faults.ts';
import { areTheSame, type Existing, itemPath, readAgain, sayTheSame, unwrapped } from './inventory.ts';
import type { Members } from './kind.ts';
import { CHANGED_MEANWHILE, type Management, Refusal } from './management-client.ts';
import type { Names } from './names.ts';
import { type Creation, type Deletion, firstClientOf, type Step, type Update } from './plan.ts';
import { namesIn, scopeKey } from './wish.ts';

export interface NewSecret {
  readonly application: string;
  readonly client: string;
  readonly client_id: string;
  readonly client_secret: string;
}

export interface ExecutionParts {
  readonly api: Management;
  readonly names: Names;
  /** Ends the execution between two steps. */
  readonly interrupted: AbortSignal;
  /** Called as soon as there is one, so that no failure later loses it. */
  onSecret(secret: NewSecret): void;
}

export interface Outcome {
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
  /** Why the first of `undone` failed. */
  readonly reason?: string;
}

/** Never throws for a refusal: the outcome says how far it went. */
export async function execute(steps: readonly Step[], parts: ExecutionParts): Promise<Outcome> {
  const execution = new Execution(steps, parts);
  const done: Step[] = [];
  for (const step of steps) {
    try {
      if (parts.interrupted.aborted && !execution.isDone(step)) throw new Faults('interrupted');
      await execution.carryOut(step);
      done.push(step);
    } catch (error) {
      if (!(error instanceof Faults)) throw error;
      return { done, undone: steps.slice(done.length), reason: error.message };
    }
  }
  return { done, undone: [] };
}

class Execution {
  readonly #steps: readonly Step[];
  readonly #parts: ExecutionParts;
  /** Clients that came into being together with their application. */
  readonly #madeAlready = new Set<Creation>();

  constructor(steps: readonly Step[], parts: ExecutionParts) {
    this.#steps = steps;
    this.#parts = parts;
  }

  /** True for a step that an earlier one has done along with its own. */
  isDone(step: Step): boolean {
    return step.action === 'create' && this.#madeAlready.has(step);
  }

  carryOut(step: Step): Promise<void> {
    if (step.action === 'delete') return this.#delete(step);
    if (step.action === 'change') return this.#change(step);
    return step.kind.section === 'applications' ? this.#createApplication(step) : this.#create(step);
  }

  async #create(step: Creation): Promise<void> {
    if (this.isDone(step)) return;
    const { kind, application } = step;
    const { whole, body: rest, apart } = this.#bodyOf(step, step.wanted.members);
    const body = kind.apart?.isInCreation ? whole : rest;
    const appId = application === undefined ? '' : this.#parts.names.idOf('applications', application);
    const answer = unwrapped((await this.#parts.api.post(kind.collection(appId), body)).body) as Members;
    const id = String(answer[kind.id]);
    this.#register(step, id);
    this.#report(step, answer);
    if (!kind.apart?.isInCreation)
      await this.#setApart(step, itemPath({ kind, appId, id }), apart, { present: [] });
  }

  /** The first client of the file becomes the default client, in one call. */
  async #createApplication(step: Creation): Promise<void> {
    const creations = this.#steps.filter((one): one is Creation => one.action === 'create');
    const first = firstClientOf(
      creations.map(({ wanted }) => wanted),
      step.name,
    );
    const client = creations.find(({ wanted }) => wanted === first);
    if (!client) throw new Faults('an application cannot be made without a client');
    const body = {
      ...this.#bodyOf(step, step.wanted.members).body,
      first_client: this.#bodyOf(client, client.wanted.members).body,
    };
    const answer = unwrapped((await this.#parts.api.post('/v1/applications', body)).body) as Members;
    this.#register(step, String(answer.app_id));
    this.#register(client, String(answer.client_id));
    this.#report(client, answer);
    this.#madeAlready.add(client);
  }

  async #change(step: Update): Promise<void> {
    const { existing, changes, kind, wanted } = step;
    const changed = Object.fromEntries(changes.map(({ member, to }) => [member, to]));
    const orders = Object.entries(wanted.members).filter(([member]) => kind.orders?.includes(member));
    const { body, apart } = this.#bodyOf(step, { ...changed, ...Object.fromEntries(orders) });
    const path = itemPath(existing);
    const present = kind.apart && existing.shown[kind.apart.member];
    await this.#asPlanned(existing, sayTheSame, async (etag) => {
      const written = Object.keys(body).length > 0 && (await this.#parts.api.put(path, body, etag));
      await this.#setApart(step, path, apart, { present, etag: written ? written.etag : etag });
    });
  }

  /** One that somebody else has deleted in the meantime is gone, as the plan wants it. */
  async #delete({ existing }: Deletion): Promise<void> {
    try {
      await this.#asPlanned(existing, areTheSame, (etag) =>
        this.#parts.api.delete(itemPath(existing), undefined, etag),
      );
    } catch (error) {
      if (!isRefusal(error, 404)) throw error;
    }
  }

  /**
   * Writes to the version that the plan saw. Steps of this very plan may have given the object another one, since a
   * client's version holds the permissions of its roles: then it is looked at again, and has to be `alike`.
   * @throws Faults where somebody else changed it
   */
  async #asPlanned(
    existing: Existing,
    alike: (now: Existing, planned: Existing) => boolean,
    write: (etag: string | undefined) => Promise<unknown>,
  ): Promise<void> {
    try {
      await write(existing.etag);
    } catch (error) {
      if (!isRefusal(error, 412)) throw error;
      const now = await readAgain(this.#parts.api, existing, this.#parts.names);
      if (!alike(now, existing)) throw new Faults(CHANGED_MEANWHILE);
      await write(now.etag);
    }
  }

  /** With ids in place of names; a list that has an operation of its own stands apart. */
  #bodyOf({ kind, application }: Step, members: Members): { whole: Members; body: Members; apart: unknown } {
    const ids = this.#parts.names.toIds(kind, application, members);
    const entries = Object.entries(ids).filter(([member]) => member !== kind.apart?.member);
    return { whole: ids, body: Object.fromEntries(entries), apart: kind.apart && ids[kind.apart.member] };
  }

  async #setApart(
    { kind }: Step,
    path: string,
    wanted: unknown,
    { present, etag }: { present: unknown; etag?: string | undefined },
  ): Promise<void> {
    if (kind.apart && wanted !== undefined)
      await kind.apart.write(this.#parts.api, path, {
        wanted: namesIn(wanted),
        present: namesIn(present),
        etag,
      });
  }

  #register({ kind, application, name }: Creation, id: string): void {
    this.#parts.names.add(scopeKey(kind.section, application), name, id);
  }

  #report({ kind, application = '', name, wanted }: Creation, answer: Members): void {
    const { client_id, client_secret } = answer;
    // The secret of a SAML client opens nothing (contract C27).
    if (kind.section !== 'clients' || wanted.members.authentication_protocol === 'saml') return;
    if (typeof client_secret !== 'string' || client_secret === '') return;
    this.#parts.onSecret({ application, client: name, client_id: String(client_id), client_secret });
  }
}

const isRefusal = (error: unknown, status: number): boolean =>
  error instanceof Refusal && error.status === status;
