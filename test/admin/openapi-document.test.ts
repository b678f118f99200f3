/** How rows and zod schemas become the OpenAPI document: names, bodies and answers, versions, permissions. */
import { z } from 'zod';
import { type Described, openapiDocument } from '../../src/admin/openapi-document.ts';

const colour = z.object({ hue: z.number().int() }).meta({ id: 'Colour' });
const thing = z.object({ id: z.string(), colour, made: z.iso.datetime() });
const create = z.strictObject({ name: z.string().default('x'), colour: colour.optional() });
const change = z.strictObject({ size: z.string().transform(Number) }).partial();

const row = (
  method: Described['method'],
  path: string,
  operation: Described['operation'],
  more: Partial<Described> = {},
): Described => ({
  method,
  path,
  tokens: ['client', 'admin'],
  permissions: ['things:read', '[appId]:read'],
  status: 200,
  ...(operation && { operation }),
  ...more,
});
const tag = 'Things';
const one = z.object({ result: thing });

const rows = [
  row(
    'post',
    '/v1/things',
    { id: 'createThing', summary: 'Make', tag, body: create, answer: one },
    { status: 201 },
  ),
  row('get', '/v1/things', {
    id: 'listThings',
    summary: 'List',
    tag,
    query: z
      .strictObject({ page: z.coerce.number().int().default(1), name: z.string().min(1) })
      .transform((all) => all),
    answer: z.object({ result: z.array(thing), total: z.number().int() }),
  }),
  row('get', '/v1/things/:thingId', { id: 'getThing', summary: 'Read', tag, answer: one }),
  row('put', '/v1/things/:thingId', { id: 'updateThing', summary: 'Change', tag, body: change, answer: one }),
  row('delete', '/v1/things/:thingId', { id: 'deleteThing', summary: 'Delete', tag }, { status: 204 }),
  row(
    'post',
    '/v1/things/:thingId/paint',
    { id: 'paint', summary: 'Paint', tag, body: colour },
    {
      tokens: ['user'],
      permissions: [],
      status: 202,
      toFault: (error) => error,
    },
  ),
  row('get', '/v1/unknown', undefined),
];
// biome-ignore lint/suspicious/noExplicitAny: a test asserts the shape of what it reads
const document = JSON.parse(JSON.stringify(openapiDocument(rows, '1.2.3'))) as any;
const operation = (method: string, path = '/v1/things/{thingId}') => document.paths[path][method];
const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object) => ({ 'application/json': { schema } });
const names = (of: { parameters: { in: string; name: string }[] }) =>
  of.parameters.map((one) => `${one.in} ${one.name}`);

describe('the document of a few rows', () => {
  it('says what it is and where it is served (D1)', () => {
    expect(document.info).toMatchObject({ title: 'Tessera API reference', version: '1.2.3' });
    expect(document.servers).toEqual([{ url: '/' }, { url: '/cis' }]);
    expect(document.tags).toEqual([{ name: 'Things' }]);
  });

  it('leaves out rows that are not described', () => {
    expect(Object.keys(document.paths)).toEqual([
      '/v1/things',
      '/v1/things/{thingId}',
      '/v1/things/{thingId}/paint',
    ]);
  });

  it('refers to one component wherever an object is answered', () => {
    const result = (of: object) => json({ type: 'object', properties: { result: of }, required: ['result'] });
    expect(operation('post', '/v1/things').responses[201].content).toEqual(result(reference('Thing')));
    expect(operation('get').responses[200].content).toEqual(result(reference('Thing')));
    expect(
      operation('get', '/v1/things').responses[200].content['application/json'].schema.properties,
    ).toEqual({
      result: { type: 'array', items: reference('Thing') },
      total: { type: 'integer' },
    });
    expect(document.components.schemas.Thing).toEqual({
      type: 'object',
      properties: {
        id: { type: 'string' },
        colour: reference('Colour'),
        made: { type: 'string', format: 'date-time' },
      },
      required: ['id', 'colour', 'made'],
    });
  });

  it('shows bodies as they are sent: before defaults and transforms, closed where unknown members are refused', () => {
    expect(operation('post', '/v1/things').requestBody).toEqual({
      required: true,
      content: json(reference('CreateThingBody')),
    });
    expect(document.components.schemas.CreateThingBody).toEqual({
      type: 'object',
      properties: { name: { type: 'string', default: 'x' }, colour: reference('Colour') },
      additionalProperties: false,
    });
    expect(document.components.schemas.UpdateThingBody.properties).toEqual({ size: { type: 'string' } });
  });

  it('shows each member of a query, required or not', () => {
    expect(operation('get', '/v1/things').parameters).toEqual([
      { name: 'page', in: 'query', required: false, schema: { type: 'integer', default: 1 } },
      { name: 'name', in: 'query', required: true, schema: { type: 'string', minLength: 1 } },
    ]);
  });

  it('offers versions where one object is read and written (RFC 9110 13.1.1)', () => {
    expect(operation('get').responses[200].headers).toHaveProperty('ETag');
    expect(operation('put').responses[200].headers).toHaveProperty('ETag');
    expect(operation('delete').responses[204].headers).toBeUndefined();
    expect(names(operation('get'))).toEqual(['path thingId']);
    for (const method of ['put', 'delete']) {
      expect(names(operation(method))).toEqual(['path thingId', 'header If-Match']);
      expect(operation(method).responses).toHaveProperty('412');
    }
    for (const method of ['get', 'post'])
      expect(operation(method, '/v1/things').responses).not.toHaveProperty('412');
  });

  it('says who may call (D15, C1)', () => {
    expect(operation('get').security).toEqual([{ ClientAccessToken: [] }, { AdminAccessToken: [] }]);
    expect(operation('get')['x-permissions']).toEqual(['things:read', '[appId]:read']);
    expect(operation('get').description).toContain('one of `things:read`, `[appId]:read`');
    const paint = operation('post', '/v1/things/{thingId}/paint');
    expect([paint.security, paint.description]).toEqual([[{ UserAccessToken: [] }], 'Token: user.']);
  });

  it('says which errors there are, in which form (C2)', () => {
    expect(Object.keys(operation('post', '/v1/things').responses)).toEqual([
      '201',
      '400',
      '401',
      '403',
      '409',
      '429',
    ]);
    expect(Object.keys(operation('get').responses)).toEqual(['200', '401', '403', '404', '429']);
    const paint = operation('post', '/v1/things/{thingId}/paint');
    expect(paint.responses[400]).toEqual({ $ref: '#/components/responses/BadRequestAsText' });
    expect(operation('put').responses[400]).toEqual({ $ref: '#/components/responses/BadRequest' });
  });
});

describe('names of components', () => {
  const withDefault = z.object({ hue: z.number().default(1) }).meta({ id: 'Shade' });
  const schemas = openapiDocument(
    [
      row('post', '/a', { id: 'a', summary: 'A', tag, body: withDefault, answer: withDefault }),
      row('post', '/b', {
        id: 'b',
        summary: 'B',
        tag,
        body: z.strictObject({ shade: withDefault }),
        answer: one,
      }),
      row('post', '/c', {
        id: 'c',
        summary: 'C',
        tag,
        body: create,
        answer: z.array(z.object({ n: z.number() })),
      }),
      row('post', '/d', { id: 'd', summary: 'D', tag, body: create, answer: withDefault }),
    ],
    '1',
  );

  it('are apart where a schema is read otherwise in bodies than in answers', () => {
    expect(schemas.components.schemas.Shade).toMatchObject({ required: ['hue'] });
    expect(schemas.components.schemas.ShadeInput).not.toHaveProperty('required');
    expect(schemas.components.schemas.BBody).toMatchObject({
      properties: { shade: reference('ShadeInput') },
    });
    expect(schemas.paths['/a']?.post).toMatchObject({
      requestBody: { content: json(reference('ShadeInput')) },
    });
    expect(schemas.paths['/d']?.post).toMatchObject({
      responses: { 200: { content: json(reference('Shade')) } },
    });
  });

  it('are apart, too, where a schema only holds one that is', () => {
    const frame = z.object({ shade: withDefault }).meta({ id: 'Frame' });
    const { components, paths } = openapiDocument(
      [row('post', '/a', { id: 'a', summary: 'A', tag, body: frame, answer: z.object({ result: frame }) })],
      '1',
    );
    expect(paths['/a']?.post).toMatchObject({ requestBody: { content: json(reference('FrameInput')) } });
    expect(components.schemas.FrameInput).toMatchObject({ properties: { shade: reference('ShadeInput') } });
    expect(components.schemas.Frame).toMatchObject({ properties: { shade: reference('Shade') } });
  });

  it('come from the first operation where the schema has none', () => {
    expect(schemas.paths['/d']?.post).toMatchObject({ requestBody: { content: json(reference('CBody')) } });
    expect(Object.keys(schemas.components.schemas)).toEqual(
      expect.arrayContaining(['BAnswer', 'CAnswer', 'CBody']),
    );
    expect(Object.keys(schemas.components.schemas)).not.toContain('DBody');
  });
});
