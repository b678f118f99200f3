/** Names of the members that a zod object has; none for anything else. */
import type { Schema } from '../../src/http/validate.ts';

export function jsonMembers(schema: Schema | undefined): string[] {
  const shape = (schema as { shape?: Readonly<Record<string, unknown>> } | undefined)?.shape;
  return shape === undefined ? [] : Object.keys(shape);
}
