/** The schema that a row documents is the one its handler validates with: every documented member is checked, by name. */

import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { outerPath } from '../../src/admin/openapi-document.ts';
import { ownDocument } from '../support/documented.ts';
import { type StorageOptions, storages } from '../support/engines.ts';
import { type Answer, type Api, adminToken, api, clientToken } from '../support/management.ts';
import { filled, managementRows } from '../support/routes.ts';
import { setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

type Row = (typeof managementRows)[number];
type Schema = Readonly<Record<string, unknown>> & {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
};
interface Operation {
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
}

const ajv = new Ajv2020({ strict: false });
formats.default(ajv as never);
ajv.addSchema({ $id: 'ours', components: ownDocument.components });

/** One of these is wrong for any member that has a type; all of them could be sent by a mistaken program. */
const WRONG: readonly unknown[] = [[[[0.5]]], -0.5, true, 'x', { no_such_field: 1 }];

const documented = (row: Row): Operation =>
  ownDocument.paths[outerPath(row.path)]?.[row.method] as unknown as Operation;

function isWrong(schema: Schema, value: unknown): boolean {
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"ours#/components/');
  return !ajv.validate(JSON.parse(text), value);
}

function membersOf(schema: Schema): Record<string, Schema[]> {
  const named =
    schema.$ref && (ownDocument.components.schemas[schema.$ref.split('/').at(-1) ?? ''] as Schema);
  if (named) return membersOf(named);
  const found: Record<string, Schema[]> = {};
  for (const [name, member] of Object.entries(schema.properties ?? {})) found[name] = [member];
  for (const part of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])])
    for (const [name, members] of Object.entries(membersOf(part)))
      found[name] = [...(found[name] ?? []), ...members];
  return found;
}

/** A value that no alternative of the body allows for the member; undefined where everything is allowed. */
const wrongFor = (schemas: readonly Schema[]): unknown =>
  WRONG.find((value) => schemas.every((schema) => isWrong(schema, value)));

const bodies = managementRows.flatMap((row) => {
  // A file in a form is no JSON body: organizations.test.ts refuses what is none.
  if (!row.operation?.body || row.readBody) return [];
  const { requestBody } = documented(row);
  const members = Object.entries(membersOf(requestBody?.content['application/json'].schema ?? {}));
  const wrong = members.map(([name, schemas]) => [name, wrongFor(schemas)] as const);
  const checked = wrong.filter(([, value]) => value !== undefined);
  return [[`${row.method.toUpperCase()} ${row.path}`, row, checked] as const];
});
const queries = managementRows.flatMap((row) => {
  if (!row.operation?.query) return [];
  const names = documented(row).parameters.filter((parameter) => parameter.in === 'query');
  return [[`${row.method.toUpperCase()} ${row.path}`, row, names.map(({ name }) => name)] as const];
});

describe.each(storages.slice(0, 1))('what a row documents about its input ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let as: Record<Row['tokens'][number], Api>;
  let token: string;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    const scene = await setScene(app);
    token = await adminToken(app);
    as = {
      admin: api(app, token),
      client: api(app, await clientToken(app, scene)),
      user: api(app, (await scene.rp.signIn(app, scene.person)).access_token),
    };
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const call = (row: Row, query: string, body?: unknown): Promise<Answer> => {
    const by = as[row.tokens.includes('client') ? 'client' : (row.tokens[0] ?? 'user')];
    const path = filled(row.path, () => 'nobody') + query;
    return row.method === 'post' || row.method === 'put' ? by[row.method](path, body) : by[row.method](path);
  };
  const problemsOf = (answer: Answer): [number, string] => [answer.status, JSON.stringify(answer.body)];

  it.each(bodies)('%s refuses a wrong value in every member of the body (C2)', async (_, row, members) => {
    expect(members.length).toBeGreaterThan(0);
    for (const [name, value] of members)
      expect([name, ...problemsOf(await call(row, '', { [name]: value }))]).toEqual([
        name,
        400,
        expect.stringMatching(new RegExp(`["'. ]${name}\\b`)),
      ]);
  });

  it.each(queries)(
    '%s refuses every parameter of the query that is given twice (C2)',
    async (_, row, names) => {
      expect(names.length).toBeGreaterThan(0);
      for (const name of names)
        expect([name, ...problemsOf(await call(row, `?${name}=a&${name}=b`))]).toEqual([
          name,
          400,
          expect.stringMatching(new RegExp(`"${name}\\b`)),
        ]);
    },
  );

  it('refuses a body that names a member twice, whichever reader would take which (RFC 8259 4)', async () => {
    const name = 'Clerk of two names';
    const body = `{"app_name":"${name}","client_display_name":"x","app_\\u006eame":"Other"}`;
    const answer = await fetch(`${app.url}/v1/applications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { message: [expect.stringContaining('two members of the same name')], error_code: 400 },
    ]);
    const { result } = (await as.admin.get('/v1/applications')).body as { result: { app_name: string }[] };
    expect(result.map(({ app_name }) => app_name)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/Clerk of two names|Other/)]),
    );
    expect(result.length).toBeGreaterThan(0);
  });
});
