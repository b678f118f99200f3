/** Reads multipart/form-data into memory, within the limits of any other body; nothing is written to a disk. */
import type Koa from 'koa';
import { invalid } from '../base/errors.ts';
import { readBytes, readJsonBody } from './json-body.ts';

type Request = Koa.Request & { body?: unknown };

/**
 * Sets `ctx.request.body` to the fields: texts, and files as `File`. Any other content type is read as JSON.
 * @throws 400 for a form that cannot be parsed or names a field twice, 413 above the limit of every body.
 */
export async function readFormOrJson(ctx: Koa.Context): Promise<void> {
  const request = ctx.request as Request;
  if (request.body !== undefined || !ctx.is('multipart/form-data')) return readJsonBody(ctx);
  const form = await parse(await readBytes(ctx), ctx.get('content-type'));
  const names = [...form.keys()];
  if (new Set(names).size < names.length) throw invalid('The form must not name a field twice');
  request.body = Object.fromEntries(form);
}

/** The bytes of this file of the form; undefined where there is none. */
export async function uploadedFile(ctx: Koa.Context, name: string): Promise<Uint8Array | undefined> {
  const file = ((ctx.request as Request).body as Record<string, unknown> | undefined)?.[name];
  return file instanceof File ? new Uint8Array(await file.arrayBuffer()) : undefined;
}

async function parse(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<FormData> {
  try {
    return await new Response(bytes, { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw invalid('The body is not valid multipart/form-data');
  }
}
