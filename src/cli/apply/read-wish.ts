/** Holds a file against the catalogue of kinds: every fault of it is found before the server is asked anything. */
import { AppError } from '../../base/errors.ts';
import { Faults, quoted } from './faults.ts';
import type { Kind, Members } from './kind.ts';
import { KINDS } from './kinds.ts';
import { namesIn, type Scope, scopeKey, type Wanted, type Wish } from './wish.ts';
import type { Parsed, Path } from './yaml-text.ts';

const VERSION = 1;

/** @throws Faults with everything that is wrong with the file. */
export function readWish(parsed: Parsed): Wish {
  const reader = new Reader(parsed);
  reader.root(parsed.value);
  if (reader.faults.length > 0) throw new Faults(...reader.faults);
  const order = (wanted: Wanted): number => KINDS.indexOf(wanted.kind);
  return { objects: reader.objects.toSorted((a, b) => order(a) - order(b)), scopes: reader.scopes };
}

class Reader {
  readonly faults: string[] = [];
  readonly objects: Wanted[] = [];
  readonly scopes: Scope[] = [];
  readonly #parsed: Parsed;
  readonly #seen = new Map<string, string>();

  constructor(parsed: Parsed) {
    this.#parsed = parsed;
  }

  root(value: unknown): void {
    const kinds = KINDS.filter(({ nested }) => !nested);
    const members = this.#object(value, [], 'The file');
    if (!members) return;
    if (members.tessera !== VERSION)
      this.#fault(['tessera'], `the file must say "tessera: ${VERSION}", the version of its form`);
    this.#onlyKnown(members, [], ['tessera', ...kinds.map(({ section }) => section)], 'the file');
    for (const kind of kinds) this.#list(kind, members[kind.section], [kind.section]);
  }

  #list(kind: Kind, value: unknown, path: Path, application?: string): void {
    if (value === undefined) return;
    if (!Array.isArray(value)) {
      this.#fault(path, `${kind.section} must be a list`);
      return;
    }
    this.scopes.push({ kind, ...(application !== undefined && { application }) });
    for (const [at, entry] of value.entries()) this.#entry(kind, entry, [...path, at], application);
  }

  #entry(kind: Kind, value: unknown, path: Path, application?: string): void {
    const members = this.#object(value, path, `An entry of ${kind.section}`);
    if (!members) return;
    const inner = kind.section === 'applications' ? KINDS.filter(({ nested }) => nested) : [];
    const sections = inner.map(({ section }) => section);
    this.#onlyKnown(
      members,
      path,
      [...kind.members, ...sections],
      `an entry of ${kind.section}`,
      kind.elsewhere,
    );
    const name = this.#name(kind, members, path, application);
    const own = Object.entries(members).filter(([member]) => kind.members.includes(member));
    const checked = this.#checked(kind, Object.fromEntries(own), path);
    if (name !== undefined)
      this.objects.push({
        kind,
        name,
        ...(application !== undefined && { application }),
        members: checked,
        placeOf: (...inside) => this.#parsed.placeOf([...path, ...inside]),
      });
    // Also below a nameless one: its faults belong to the report.
    for (const nested of inner)
      this.#list(nested, members[nested.section], [...path, nested.section], name ?? path.join('.'));
  }

  /** The natural key: a text, as the server would keep it, once in its list. */
  #name(kind: Kind, members: Members, path: Path, application?: string): string | undefined {
    const name = members[kind.key];
    if (typeof name !== 'string' || name.trim() === '' || name !== name.trim()) {
      this.#fault(
        [...path, kind.key],
        `an entry of ${kind.section} needs ${kind.key}, a text without blanks at its ends, by which it is found`,
      );
      return undefined;
    }
    const key = `${scopeKey(kind.section, application)} ${name}`;
    const before = this.#seen.get(key);
    if (before !== undefined)
      this.#fault([...path, kind.key], `the ${kind.noun} ${quoted(name)} stands already at ${before}`);
    else this.#seen.set(key, this.#parsed.placeOf([...path, kind.key]));
    return name;
  }

  /** In the server's normal form; references are names here and are checked as such. */
  #checked(kind: Kind, members: Members, path: Path): Members {
    const isReference = ([member]: [string, unknown]): boolean => Object.hasOwn(kind.references, member);
    const entries = Object.entries(members);
    const references = entries.filter(isReference);
    for (const [member, value] of references) this.#reference(kind, member, value, path);
    const plain = Object.fromEntries(entries.filter((entry) => !isReference(entry)));
    try {
      const normal = { ...(kind.check?.(plain) ?? plain), ...Object.fromEntries(references) };
      // In the order of the file, as the plan shows it.
      return Object.fromEntries(entries.map(([member]) => [member, normal[member]]));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      for (const problem of error.problems ?? [error.message])
        this.#fault([...path, ...pathIn(problem)], `${kind.noun}: ${problem}`);
      return members;
    }
  }

  #reference(kind: Kind, member: string, value: unknown, path: Path): void {
    const isList = kind.sets.includes(member);
    const fits = isList
      ? Array.isArray(value) && namesIn(value).length === value.length
      : typeof value === 'string';
    if (fits) return;
    const form = isList ? 'a list of names' : 'a name';
    this.#fault([...path, member], `${member} must be ${form} out of ${kind.references[member]}`);
  }

  #object(value: unknown, path: Path, what: string): Members | undefined {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
    this.#fault(path, `${what} must have members, such as "name: value"`);
    return undefined;
  }

  #onlyKnown(
    members: Members,
    path: Path,
    known: readonly string[],
    what: string,
    elsewhere: Kind['elsewhere'] = {},
  ): void {
    for (const member of Object.keys(members).filter((one) => !known.includes(one))) {
      const hint = Object.hasOwn(elsewhere, member) ? elsewhere[member] : `known are ${known.join(', ')}`;
      this.#fault([...path, member], `${quoted(member)} is not a member of ${what}; ${hint}`);
    }
  }

  #fault(path: Path, sentence: string): void {
    this.faults.push(`${this.#parsed.placeOf(path)}: ${sentence}`);
  }
}

/** `redirect_uris.0: expected string` begins with the path of the member. */
const pathIn = (problem: string): string[] => (/^[\w.-]+/.exec(problem)?.[0] ?? '').split('.');
