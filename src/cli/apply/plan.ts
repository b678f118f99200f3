/** Decides what has to be done so that the server has what the file says; does none of it. */
import { type Change, changesBetween } from './difference.ts';
import { Faults, quoted } from './faults.ts';
import { type Existing, findExisting, type Inventory } from './inventory.ts';
import type { Kind } from './kind.ts';
import { KINDS, kindOf } from './kinds.ts';
import { namesIn, scopeKey, targetKey, type Wanted, type Wish } from './wish.ts';

interface Subject {
  readonly kind: Kind;
  readonly name: string;
  readonly application?: string;
}
export interface Creation extends Subject {
  readonly action: 'create';
  readonly wanted: Wanted;
}
export interface Update extends Subject {
  readonly action: 'change';
  readonly wanted: Wanted;
  readonly existing: Existing;
  readonly changes: readonly Change[];
}
export interface Deletion extends Subject {
  readonly action: 'delete';
  readonly existing: Existing;
}
export type Step = Creation | Update | Deletion;

export interface PlanOptions {
  /** Delete what the server has and the file does not, within the lists of the file. */
  readonly prune: boolean;
  /** The client that applies: it is never deleted, nor the application that it belongs to. */
  readonly callingClientId: string;
}

/**
 * Creations and changes in the order of the catalogue, then deletions the other way round.
 * @throws Faults naming every place of the file that cannot be made true
 */
export function planOf(wish: Wish, inventory: Inventory, options: PlanOptions): Step[] {
  const deletions = options.prune ? deletionsOf(wish, inventory, options) : [];
  const faults = [...referenceFaults(wish, inventory, deletions)];
  const steps: Step[] = [];
  for (const wanted of wish.objects) {
    try {
      const step = stepFor(wanted, inventory);
      if (step?.action === 'create') faults.push(...creationFaults(wanted, wish));
      if (step) steps.push(step);
    } catch (error) {
      if (!(error instanceof Faults)) throw error;
      faults.push(...error.faults);
    }
  }
  if (faults.length > 0) throw new Faults(...faults);
  return [...steps, ...deletions];
}

function stepFor(wanted: Wanted, inventory: Inventory): Creation | Update | undefined {
  const { kind, name, application } = wanted;
  const subject = { kind, name, ...(application !== undefined && { application }) };
  const existing = findExisting(inventory, wanted);
  if (!existing) return { ...subject, action: 'create', wanted };
  const changes = changesBetween(kind, wanted.members, existing.members);
  return changes.length === 0 ? undefined : { ...subject, action: 'change', wanted, existing, changes };
}

function creationFaults({ kind, name, members, placeOf }: Wanted, wish: Wish): string[] {
  const missing = (kind.requiredBy?.(members) ?? kind.required).filter(
    (member) => members[member] === undefined,
  );
  const sentence = `${placeOf()}: the ${kind.noun} ${quoted(name)} does not exist yet`;
  const faults =
    missing.length === 0 ? [] : [`${sentence}; to make it the file must say ${missing.join(', ')}`];
  // Every application begins with its default client (contract section 1): the first one of the file.
  const isBare = kind.section === 'applications' && !firstClientOf(wish.objects, name);
  return isBare
    ? [...faults, `${sentence}; to make it the file must name a client of it below clients`]
    : faults;
}

/** The client that an application is made with. */
export const firstClientOf = (objects: readonly Wanted[], application: string): Wanted | undefined =>
  objects.find((one) => one.kind.section === 'clients' && one.application === application);

/** Names that neither the file nor the server has, or that this very plan deletes. */
function referenceFaults(wish: Wish, { lists }: Inventory, deletions: readonly Deletion[]): string[] {
  const keyOf = (one: Subject): string => `${scopeKey(one.kind.section, one.application)} ${one.name}`;
  const inFile = new Set(wish.objects.map(keyOf));
  const doomed = new Set(deletions.map(keyOf));
  const onServer = new Set([...lists.values()].flat().map(keyOf));
  return wish.objects.flatMap(({ kind, application, members, placeOf }) =>
    Object.entries(kind.references).flatMap(([member, section]) => {
      const target = kindOf(section);
      return namesIn(members[member]).flatMap((name, at) => {
        const key = `${targetKey(target, application)} ${name}`;
        const place = placeOf(member, at);
        if (inFile.has(key)) return [];
        if (doomed.has(key))
          return [
            `${place}: the ${target.noun} ${quoted(name)} is not in the file, so that --prune would delete it`,
          ];
        return onServer.has(key)
          ? []
          : [`${place}: unknown ${target.noun} ${quoted(name)}; it is neither in the file nor on the server`];
      });
    }),
  );
}

function deletionsOf(wish: Wish, { lists }: Inventory, { callingClientId }: PlanOptions): Deletion[] {
  const isWanted = new Set(
    wish.objects.map((one) => `${scopeKey(one.kind.section, one.application)} ${one.name}`),
  );
  const isCaller = ({ id, members }: Existing): boolean =>
    id === callingClientId || members.client_id === callingClientId;
  const order = ({ kind }: Deletion): number => -KINDS.indexOf(kind);
  return wish.scopes
    .flatMap(({ kind, application }) => {
      const key = scopeKey(kind.section, application);
      return (lists.get(key) ?? [])
        .filter((existing) => !isWanted.has(`${key} ${existing.name}`) && !isCaller(existing))
        .map((existing): Deletion => ({ ...subjectOf(existing), action: 'delete', existing }));
    })
    .toSorted((a, b) => order(a) - order(b));
}

const subjectOf = ({ kind, name, application }: Existing): Subject => ({
  kind,
  name,
  ...(application !== undefined && { application }),
});
