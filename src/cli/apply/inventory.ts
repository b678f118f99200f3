/** What the server has of the lists that a file mentions or points into. */
import { isDeepStrictEqual } from 'node:util';
import { changesBetween } from './difference.ts';
import { Faults, quoted } from './faults.ts';
import type { Kind, Members } from './kind.ts';
import { KINDS, kindOf } from './kinds.ts';
import { type Management, Refusal } from './management-client.ts';
import { Names } from './names.ts';
import { namesIn, type Scope, scopeKey, type Wanted, type Wish } from './wish.ts';

export interface Existing {
  readonly kind: Kind;
  readonly id: string;
  readonly name: string;
  readonly application?: string;
  /** In the form of the file: references are names. */
  readonly members: Members;
  /** As the server shows it: references are ids. */
  readonly shown: Members;
  /** Of the list where its kind is nested: the id of the application. */
  readonly appId: string;
  readonly etag?: string;
}

export interface Inventory {
  /** By `scopeKey`. A list that was not read is absent; one within an application that is not there is empty. */
  readonly lists: ReadonlyMap<string, readonly Existing[]>;
  readonly names: Names;
}

type Reader = Pick<Management, 'get'>;

/** Reads every list once, those that others point to first. */
export async function readInventory(api: Reader, wish: Wish): Promise<Inventory> {
  const lists = new Map<string, Existing[]>();
  const names = new Names();
  for (const scope of scopesToRead(wish)) {
    const key = scopeKey(scope.kind.section, scope.application);
    const list = await readList(api, scope, lists, names);
    lists.set(key, list);
    for (const { name, id } of list) names.add(key, name, id);
  }
  return { lists, names };
}

/** The lists of the file and those that its members refer to, in the order of the catalogue, each once. */
function scopesToRead(wish: Wish): Scope[] {
  const referred = wish.objects.flatMap(({ kind, members, application }) =>
    Object.entries(kind.references)
      .filter(([member]) => namesIn(members[member]).length > 0)
      .map(([, section]) => scopeOf(kindOf(section), application)),
  );
  // The server shows ids: what they are called is known from the list that they point into.
  const all = new Map(
    [...wish.scopes, ...referred].map((scope) => [scopeKey(scope.kind.section, scope.application), scope]),
  );
  return [...all.values()].toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
}

const scopeOf = (kind: Kind, application: string | undefined): Scope =>
  kind.nested && application !== undefined ? { kind, application } : { kind };

async function readList(
  api: Reader,
  { kind, application }: Scope,
  lists: ReadonlyMap<string, readonly Existing[]>,
  names: Names,
): Promise<Existing[]> {
  const home =
    application === undefined
      ? undefined
      : lists.get('applications')?.find(({ name }) => name === application);
  if (application !== undefined && !home) return [];
  const appId = home?.id ?? '';
  const answer = await api.get(kind.collection(appId)).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    const reason = error.status === 404 ? 'this server does not offer them' : error.message;
    throw new Faults(`The ${kind.section} cannot be read: ${reason}`);
  });
  const objects = unwrapped(answer.body) as Members[];
  return objects
    .filter((object) => !kind.isForeign?.(object))
    .map((object) => toExisting(kind, object, { application, appId, names }));
}

/** Some operations answer `{ result }`, some the bare object (contract section 0). */
export const unwrapped = (body: unknown): unknown => {
  const result = (body as { result?: unknown } | undefined)?.result;
  return result === undefined ? body : result;
};

function toExisting(
  kind: Kind,
  object: Members,
  { application, appId, names }: { application: string | undefined; appId: string; names: Names },
): Existing {
  const written = kind.toWritten?.(object) ?? object;
  return {
    kind,
    id: String(object[kind.id]),
    name: String(written[kind.key]),
    ...(application !== undefined && { application }),
    members: names.toNames(kind, application, written),
    shown: object,
    appId,
  };
}

/** One object as it is now, with its version; lists show less of some kinds and no versions. */
export async function readAgain(api: Reader, existing: Existing, names: Names): Promise<Existing> {
  const { kind, appId, application } = existing;
  const { body, etag } = await api.get(readPath(existing));
  const now = toExisting(kind, unwrapped(body) as Members, { application, appId, names });
  return etag === undefined ? now : { ...now, etag };
}

/** True where all that a file could say of the one holds for the other. */
export const sayTheSame = (one: Existing, other: Existing): boolean =>
  changesBetween(one.kind, sayable(one), sayable(other)).length === 0 &&
  changesBetween(one.kind, sayable(other), sayable(one)).length === 0;

/** True where nothing of what is shown differs; what it refers to may itself have changed. */
export const areTheSame = (one: Existing, other: Existing): boolean =>
  isDeepStrictEqual(one.members, other.members);

const sayable = ({ kind, members }: Existing): Members =>
  Object.fromEntries(
    kind.members.filter((member) => members[member] !== undefined).map((member) => [member, members[member]]),
  );

const readPath = (existing: Existing): string =>
  existing.kind.single?.(existing.members) ?? itemPath(existing);

export const itemPath = ({ kind, appId, id }: Pick<Existing, 'kind' | 'appId' | 'id'>): string =>
  `${kind.collection(encodeURIComponent(appId))}/${encodeURIComponent(id)}`;

/** The one object of this name. @throws Faults where several have it */
export function findExisting({ lists }: Inventory, wanted: Wanted): Existing | undefined {
  const list = lists.get(scopeKey(wanted.kind.section, wanted.application)) ?? [];
  const found = list.filter(({ name }) => name === wanted.name);
  if (found.length > 1)
    throw new Faults(
      `${wanted.placeOf(wanted.kind.key)}: the server has ${found.length} objects with the name ${quoted(wanted.name)} (${found.map(({ id }) => id).join(', ')}); give all but one another name`,
    );
  return found[0];
}
