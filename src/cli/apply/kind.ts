/** What a kind of object is to `apply` and `diff`: its section of the file, its members, its paths in the management API. */

import type { Management } from './management-client.ts';

/** Members under the public names of contract/management-api.md. */
export type Members = Readonly<Record<string, unknown>>;

export interface Apart {
  readonly member: string;
  /** True where the body that makes an object has the list too. */
  readonly isInCreation: boolean;
  /** @param path of the object; `wanted` and `present` are ids */
  write(
    api: Pick<Management, 'post' | 'put' | 'delete'>,
    path: string,
    list: {
      readonly wanted: readonly string[];
      readonly present: readonly string[];
      /** Version of the object before the list is written. */
      readonly etag?: string | undefined;
    },
  ): Promise<void>;
}

export interface Kind {
  /** As it stands in a plan: `client role`. */
  readonly noun: string;
  /** The member of the file that lists objects of this kind. */
  readonly section: string;
  /** True for what the file nests below an application. */
  readonly nested: boolean;
  /** The member by which an object of the file and one of the server are the same. */
  readonly key: string;
  /** The member of answers that holds the id. */
  readonly id: string;
  /** What a file may say, the key included. */
  readonly members: readonly string[];
  /** Members of the API that a file writes in another place, and where. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** What a file has to say for an object that the server does not have yet. */
  readonly required: readonly string[];
  /** Where that depends on what else the file says. */
  requiredBy?(members: Members): readonly string[];
  /** Lists whose order means nothing (contract: they are sets). */
  readonly sets: readonly string[];
  /** Objects that are the owner's own document: compared and replaced as a whole. */
  readonly documents?: readonly string[];
  /** Orders, which no answer repeats: sent with a change, never the reason for one. */
  readonly orders?: readonly string[];
  /** Members that hold ids on the server and names in the file, each with the section that it points into. */
  readonly references: Readonly<Record<string, string>>;
  /** Path of the list; `appId` of the application for a nested kind. */
  collection(appId: string): string;
  /** Path of the read of one object, where it is not the list's path and the id. */
  single?(object: Members): string;
  /** A list of references that has operations of its own. */
  readonly apart?: Apart;
  /** True for what the server has of this kind without being configuration: it is neither compared nor deleted. */
  isForeign?(object: Members): boolean;
  /** The members in the server's own normal form. @throws AppError 400 naming each member that is wrong */
  check?(members: Members): Members;
  /** What the server shows, in the form in which it is written. */
  toWritten?(object: Members): Members;
}
