/** Which id a name of the file has on the server, and the other way round; grows while objects are made. */
import { Faults, quoted } from './faults.ts';
import type { Kind, Members } from './kind.ts';
import { kindOf } from './kinds.ts';
import { targetKey } from './wish.ts';

export class Names {
  readonly #ids = new Map<string, Map<string, string>>();
  readonly #names = new Map<string, string>();

  /** `scope` as `scopeKey` makes it. */
  add(scope: string, name: string, id: string): void {
    const ids = this.#ids.get(scope) ?? new Map<string, string>();
    this.#ids.set(scope, ids.set(name, id));
    this.#names.set(`${scope} ${id}`, name);
  }

  /** @throws Faults for a name without one */
  idOf(section: string, name: string, application?: string): string {
    const kind = kindOf(section);
    const id = this.#ids.get(targetKey(kind, application))?.get(name);
    if (id === undefined) throw new Faults(`the ${kind.noun} ${quoted(name)} does not exist`);
    return id;
  }

  /** The members with names in place of ids; an id that is unknown stays, so that it shows as a difference. */
  toNames(kind: Kind, application: string | undefined, object: Members): Members {
    return mapped(kind, object, (target, item) => {
      const id = typeof item === 'string' ? item : String((item as Members | null)?.[target.id] ?? '');
      return this.#names.get(`${targetKey(target, application)} ${id}`) ?? id;
    });
  }

  /** The members with ids in place of names. @throws Faults for a name without one */
  toIds(kind: Kind, application: string | undefined, members: Members): Members {
    return mapped(kind, members, (target, item) =>
      item === '' ? item : this.idOf(target.section, String(item), application),
    );
  }
}

function mapped(kind: Kind, object: Members, change: (target: Kind, item: unknown) => unknown): Members {
  const entries = Object.entries(object).map(([member, value]) => {
    const section = Object.hasOwn(kind.references, member) ? kind.references[member] : undefined;
    if (section === undefined) return [member, value] as const;
    const target = kindOf(section);
    const list = Array.isArray(value) ? value.map((item) => change(target, item)) : change(target, value);
    return [member, list] as const;
  });
  return Object.fromEntries(entries);
}
