/** What a file asks for: objects by kind and name, in the order of the catalogue, with the places where they stand. */
import type { Kind, Members } from './kind.ts';
import type { Path } from './yaml-text.ts';

export interface Wanted {
  readonly kind: Kind;
  /** Value of the kind's key. */
  readonly name: string;
  /** Name of the application that it is nested in. */
  readonly application?: string;
  /** In the form of the file: references are names. The key is among them. */
  readonly members: Members;
  /** `file:line:column` of a member, or of the object. */
  placeOf(...path: Path): string;
}

/** A list of the file: everything of one kind, within one application where the kind is nested. */
export interface Scope {
  readonly kind: Kind;
  readonly application?: string;
}

export interface Wish {
  readonly objects: readonly Wanted[];
  /** The lists that the file has, empty ones included: `--prune` looks at these. */
  readonly scopes: readonly Scope[];
}

/** Equal for scopes that are the same. */
export const scopeKey = (section: string, application?: string): string =>
  application === undefined ? section : `${section} of ${application}`;

/** Names a reference of a member of this object points into. */
export const targetKey = (target: Kind, application: string | undefined): string =>
  scopeKey(target.section, target.nested ? application : undefined);

/** The names that a member refers to: a list, or one; the empty text refers to nothing. */
export const namesIn = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter(
    (name): name is string => typeof name === 'string' && name !== '',
  );
