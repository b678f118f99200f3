/** The zod schemas of operations as JSON Schema 2020-12, the shared ones as named components. */
import { z } from 'zod';
import type { Operation } from '../http/route.ts';
import type { Schema } from '../http/validate.ts';

/** One JSON Schema, or any other part of the document. */
export type Json = Readonly<Record<string, unknown>>;

export interface SchemaBook {
  /** `components.schemas`. */
  readonly components: Readonly<Record<string, Json>>;
  /** A reference where the schema is a component, else the schema itself. */
  bodyOf(schema: Schema): Json;
  answerOf(schema: Schema): Json;
  /** The members of a query; `required` says which must be there. */
  queryOf(schema: Schema): {
    readonly properties: Readonly<Record<string, Json>>;
    readonly required: string[];
  };
}

interface Chapter {
  readonly components: Record<string, Json>;
  of(schema: Schema): Json;
}

const PLACE = '#/components/schemas/';
/** Where zod puts schemas that have an id of their own and stand inside others. */
const NESTED = '__shared';
const DATE_FORMATS: ReadonlySet<string | undefined> = new Set(['date-time', 'date']);

/** Component names come from `.meta({ id })`; a schema without one is named after the first operation that has it. */
export function schemaBook(operations: readonly Operation[]): SchemaBook {
  const inputs = new Naming();
  const outputs = new Naming();
  for (const { id, body, query, answer } of operations) {
    if (body) inputs.add(body, `${capital(id)}Body`);
    if (query) inputs.addUnnamed(query);
    if (answer) outputs.add(answer, answerName(id));
  }
  const output = write(outputs, 'output');
  const input = apartFrom(output, write(inputs, 'input'));
  return {
    components: { ...input.components, ...output.components },
    bodyOf: input.of,
    answerOf: output.of,
    queryOf(schema) {
      const { properties = {}, required = [] } = input.of(schema);
      return { properties: properties as Record<string, Json>, required: required as string[] };
    },
  };
}

/** `createUser` answers a `User`. */
const answerName = (id: string): string => /^create([A-Z].*)/.exec(id)?.[1] ?? `${capital(id)}Answer`;

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** What an answer is about: the object in `result`, in a list or bare. */
function subjectOf(schema: Schema): Schema {
  if (schema instanceof z.ZodArray) return subjectOf(schema.element as Schema);
  const inner = schema instanceof z.ZodObject ? (schema.shape.result as Schema | undefined) : undefined;
  return inner === undefined ? schema : subjectOf(inner);
}

const isWorthAName = (schema: Schema): boolean => ['object', 'union', 'pipe'].includes(schema._zod.def.type);

/** Which schemas are components, and under which names. */
class Naming {
  readonly registry = z.registry<{ id: string }>();
  readonly names = new Map<Schema, string>();
  readonly #named = new Set<Schema>();

  add(whole: Schema, fallback: string): void {
    const subject = subjectOf(whole);
    if (isWorthAName(subject) && !this.names.has(subject)) {
      this.#register(subject, z.globalRegistry.get(subject)?.id ?? fallback);
      this.#named.add(subject);
    }
    this.addUnnamed(whole);
  }

  addUnnamed(whole: Schema): void {
    if (!this.names.has(whole)) this.#register(whole, `unnamed ${this.names.size}`);
  }

  isComponent(schema: Schema): boolean {
    return this.#named.has(schema);
  }

  #register(schema: Schema, wanted: string): void {
    const taken = new Set(this.names.values());
    const name = taken.has(wanted) ? `${wanted}${this.names.size}` : wanted;
    this.names.set(schema, name);
    this.registry.add(schema, { id: name });
  }
}

function write(naming: Naming, io: 'input' | 'output'): Chapter {
  const { schemas } = z.toJSONSchema(naming.registry, {
    io,
    unrepresentable: 'any',
    uri: (id) => (id === NESTED ? NESTED : PLACE + id),
    override: ({ zodSchema, jsonSchema }) => {
      // An answer may gain members later: nobody should be told that it cannot.
      const isOpen = zodSchema._zod.def.type === 'object' && !('catchall' in zodSchema._zod.def);
      if (io === 'output' && isOpen) delete jsonSchema.additionalProperties;
      // The name of the format says it all.
      if (DATE_FORMATS.has(jsonSchema.format)) delete jsonSchema.pattern;
      // The limits of JavaScript's integers say nothing about the value.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  const { [NESTED]: nested, ...written } = withoutTraces(schemas) as Record<string, Json>;
  const names = [...naming.names].filter(([schema]) => naming.isComponent(schema)).map(([, name]) => name);
  const components = Object.fromEntries(names.map((name) => [name, written[name] ?? {}]));
  return {
    components: { ...(nested?.$defs as Record<string, Json> | undefined), ...components },
    of(schema) {
      const name = naming.names.get(schema) ?? '';
      return naming.isComponent(schema) ? { $ref: PLACE + name } : (written[name] ?? {});
    },
  };
}

/** Without the marks that belong to files which stand alone; references to nested schemas point to components. */
function withoutTraces(schemas: unknown): unknown {
  const text = JSON.stringify(schemas, (key, value) =>
    key === '$schema' || key === '$id' ? undefined : value,
  );
  return JSON.parse(text.replaceAll(`"$ref":"${NESTED}#/$defs/`, `"$ref":"${PLACE}`));
}

/** A schema that reads differently in bodies (defaults, transforms) is a component of its own there, `…Input`. */
function apartFrom(output: Chapter, input: Chapter): Chapter {
  const apart = namesApart(output.components, input.components);
  const renamed = (schema: Json): Json =>
    JSON.parse(
      apart.reduce(
        (text, name) => text.replaceAll(referenceTo(name), referenceTo(`${name}Input`)),
        JSON.stringify(schema),
      ),
    );
  const components = Object.entries(input.components).map(
    ([name, schema]) => [apart.includes(name) ? `${name}Input` : name, renamed(schema)] as const,
  );
  return { components: Object.fromEntries(components), of: (schema) => renamed(input.of(schema)) };
}

const referenceTo = (name: string): string => `"$ref":"${PLACE}${name}"`;

/** Names of both sides whose schemas differ, and of those that refer to such a one. */
function namesApart(output: Chapter['components'], input: Chapter['components']): string[] {
  const shared = Object.keys(input).filter((name) => output[name] !== undefined);
  const text = (name: string): string => JSON.stringify(input[name]);
  let apart = shared.filter((name) => text(name) !== JSON.stringify(output[name]));
  for (let before = -1; apart.length !== before; ) {
    before = apart.length;
    apart = shared.filter(
      (name) => apart.includes(name) || apart.some((other) => text(name).includes(referenceTo(other))),
    );
  }
  return apart;
}
