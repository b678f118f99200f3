/** Reads a JSON object from the request, within limits of size and depth. */
import type Koa from 'koa';
import { invalid, tooLarge } from '../base/errors.ts';
import { isScimPath, SCIM_TYPE } from './scim-error.ts';

const MAX_BYTES = 256 * 1024;
const MAX_DEPTH = 32;
const PROTOTYPE_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** Middleware form of `readJsonBody`. */
export const jsonBody = (): Koa.Middleware => async (ctx, next) => {
  await readJsonBody(ctx);
  await next();
};

/**
 * Sets `ctx.request.body` to the parsed object; leaves it alone where the request has no body or it was read before.
 * @throws 400 for anything that is not a JSON object, 413 above 256 kB.
 */
export async function readJsonBody(ctx: Koa.Context): Promise<void> {
  const request = ctx.request as Koa.Request & { body?: unknown };
  if (request.body !== undefined || !hasBody(ctx)) return;
  const bytes = await readBytes(ctx);
  if (bytes.length === 0) return;
  if (!ctx.is('application/json', ...(isScimPath(ctx.path) ? [SCIM_TYPE] : [])))
    throw invalid('The body must have the content type application/json');
  request.body = parseObject(bytes);
}

const hasBody = (ctx: Koa.Context): boolean =>
  ctx.req.headers['transfer-encoding'] !== undefined || Number(ctx.req.headers['content-length'] ?? 0) > 0;

/** The whole body, at most MAX_BYTES. @throws 413 above that, 400 where it is compressed or ends too early. */
export async function readBytes(ctx: Koa.Context): Promise<Buffer<ArrayBuffer>> {
  if ((ctx.get('content-encoding') || 'identity') !== 'identity')
    throw invalid('The body must not be compressed');
  const refuse = (): never => {
    // What is left of the body is not read; the connection cannot be used again.
    ctx.set('connection', 'close');
    throw tooLarge(`The body is larger than ${MAX_BYTES} bytes`);
  };
  if (Number(ctx.req.headers['content-length'] ?? 0) > MAX_BYTES) refuse();
  const chunks: Buffer[] = [];
  let size = 0;
  await new Promise<void>((resolve, reject) => {
    ctx.req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BYTES) {
        ctx.req.pause();
        return resolve();
      }
      chunks.push(chunk);
    });
    ctx.req.on('end', resolve);
    ctx.req.on('error', reject);
    ctx.req.on('aborted', () => reject(invalid('The body ended too early')));
  });
  return size > MAX_BYTES ? refuse() : Buffer.concat(chunks);
}

/** Parses one JSON object. @throws 400 with the reason. */
export function parseObject(bytes: Uint8Array): Record<string, unknown> {
  const value = parse(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('The body must be a JSON object');
  assertTame(value, 1);
  return value as Record<string, unknown>;
}

function parse(bytes: Uint8Array): unknown {
  const [text, value] = textAndValue(bytes);
  if (membersWritten(text) !== membersIn(value))
    throw invalid('The body is not valid JSON: an object has two members of the same name');
  return value;
}

// RFC 8259 section 4: which of two members of one name counts is up to each reader, and a check before us may have read the
// other one. In a text that has been parsed every colon outside of strings belongs to one member.
const membersWritten = (text: string): number =>
  text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"/g, '').split(':').length - 1;

function membersIn(value: unknown): number {
  let count = 0;
  // Not a recursion: how deep the value is has not been looked at yet.
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== 'object' || next === null) continue;
    const members = Object.values(next);
    if (!Array.isArray(next)) count += members.length;
    for (const member of members) left.push(member);
  }
  return count;
}

function textAndValue(bytes: Uint8Array): [string, unknown] {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return [text, JSON.parse(text)];
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? 'it cannot be parsed' : 'it is not UTF-8';
    throw invalid(`The body is not valid JSON: ${reason}`);
  }
}

function assertTame(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw invalid(`The body is nested more than ${MAX_DEPTH} levels deep`);
  for (const [key, member] of Object.entries(value)) {
    if (PROTOTYPE_KEYS.has(key)) throw invalid(`The member name "${key}" is not allowed`);
    assertTame(member, depth + 1);
  }
}
