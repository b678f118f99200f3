/** One row of the table of routes, and what every handler needs to read a request. */
import type Koa from 'koa';
import type { Caller } from '../base/caller.ts';
import { notFound } from '../base/errors.ts';
import { versionOf } from '../base/version.ts';
import type { Schema } from './validate.ts';

export type TokenKind = Caller['kind'];

/** What the reference says about a row. The schemas are the very ones the handler validates and answers with. */
export interface Operation {
  /** Published `operationId` where there is one (contract/openapi.json), else ours. */
  readonly id: string;
  /** One line, in the imperative. */
  readonly summary: string;
  /** Heading it stands under. */
  readonly tag: string;
  readonly body?: Schema;
  readonly query?: Schema;
  /** The whole success body, `result` included where the operation wraps. */
  readonly answer?: Schema;
  /** It has a version (`ETag`, `If-Match`) although its path is not that of one object. */
  readonly versioned?: true;
}

export interface Row {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** As @koa/router writes it: `/v1/clients/:clientId`. */
  readonly path: string;
  readonly tokens: readonly TokenKind[];
  /** Any one of them is enough (contract D15). */
  readonly permissions: readonly string[];
  /** Success status; 204 sends no body. */
  readonly status: number;
  readonly operation?: Operation;
  /** Reads the body of a request that need not be JSON into `ctx.request.body`. */
  readBody?(ctx: Koa.Context): Promise<void>;
  /** Returns the body. A row for management tokens alone may take a ManagementCaller. */
  handle(ctx: Koa.Context, caller: Caller): Promise<unknown>;
  /** Gives an error of this operation the form that it alone has (contract C2). */
  toFault?(error: unknown): unknown;
}

/** A row that anybody may call: no token is read. */
export interface OpenRow extends Omit<Row, 'tokens' | 'permissions' | 'handle'> {
  readonly tokens: 'none';
  readonly permissions: readonly [];
  handle(ctx: Koa.Context): Promise<unknown>;
}

const ID = /^[\w.~:-]{1,128}$/;

/** The id in this place of the path. @throws 404 for one that no object can have. */
export function pathId<Id extends string>(ctx: Koa.Context, name: string): Id {
  const id = (ctx.params as Record<string, string | undefined>)[name];
  if (id === undefined || !ID.test(id)) throw notFound('Not found');
  return id as Id;
}

/** The parsed JSON body; an absent one reads as an empty object. */
export const bodyOf = (ctx: Koa.Context): unknown => (ctx.request as { body?: unknown }).body ?? {};

/** Sends the version of what is answered, for a later `If-Match`; the model comes back as it is. */
export function tagged<Model extends object>(ctx: Koa.Context, model: Model): Model {
  ctx.set('etag', versionOf(model));
  return model;
}
