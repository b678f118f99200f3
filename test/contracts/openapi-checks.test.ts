/** The checks themselves: what the comparison of two documents and the check of real answers find. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { documentFaults } from '../support/documented.ts';
import { api } from '../support/management.ts';
import { type Document, differences } from '../support/openapi-agreement.ts';

describe('the comparison of two documents', () => {
  const schema = (properties: object, required: string[] = []) => ({ type: 'object', properties, required });
  const content = (of: object) => ({ content: { 'application/json': { schema: of } } });
  const operation = (body: object, answer: object, parameters: object[] = [], status = '200') => ({
    operationId: 'op',
    parameters,
    requestBody: content(body),
    responses: { [status]: content(answer) },
  });
  const document = (path: string, of: object): Document =>
    ({ paths: { [path]: { put: of } }, components: { schemas: {} } }) as never;
  const compare = (theirs: object, own: object, path = '/a/{id}'): string[] =>
    differences({ published: document('/a/{id}', theirs), ours: document(path, own) });
  const colour = { enum: ['red', 'blue'] };
  const base = operation(
    schema({ name: {}, colour }, ['name']),
    schema({ result: schema({ id: {} }, ['id']) }, ['result']),
  );

  it('tells of members that a body only takes back once (C15)', () => {
    const shown = { readOnly: true };
    const own = operation(
      schema({ name: {}, colour, id: shown, made_at: shown }, ['name']),
      schema({ result: schema({ id: {} }, ['id']) }, ['result']),
    );
    expect(compare(base, own)).toEqual(['op: takes back what only answers have']);
  });
  it('finds nothing between equals', () => expect(compare(base, base)).toEqual([]));
  it.each<[string, object, string | undefined, string[]]>([
    ['another path parameter', base, '/a/{other}', ['op: has the path /a/{other}']],
    [
      'another status',
      operation(
        schema({ name: {}, colour }, ['name']),
        schema({ result: schema({ id: {} }, ['id']) }, ['result']),
        [],
        '201',
      ),
      undefined,
      ['op: answers 201, published 200'],
    ],
    [
      'a body that differs',
      operation(
        schema({ colour: { enum: ['red'] }, more: {} }, ['colour']),
        schema({ result: schema({ id: {} }, ['id']) }, ['result']),
      ),
      undefined,
      [
        'op: body member name is missing',
        'op: body member colour is required',
        'op: body member colour has the values [red], published [blue,red]',
        'op: body member more is ours',
      ],
    ],
    [
      'an answer that may lack what is required',
      operation(
        schema({ name: {}, colour }, ['name']),
        schema({ result: schema({ id: {}, more: {} }) }, ['result']),
      ),
      undefined,
      ['op: answer member id is not required'],
    ],
    [
      'another query',
      operation(
        schema({ name: {}, colour }, ['name']),
        schema({ result: schema({ id: {} }, ['id']) }, ['result']),
        [{ name: 'q', in: 'query', required: true, schema: {} }],
      ),
      undefined,
      ['op: query parameter q is ours'],
    ],
    ['another place', base, '/b/{id}', ['op: is not served']],
  ])('finds %s', (_, own, path, sentences) => expect(compare(base, own, path)).toEqual(sentences));
});

describe('the check of real answers', () => {
  const headers = new Headers();
  const count = (body: unknown, status = 200) =>
    documentFaults('GET', '/cis/v1/users/count?search=x', { status, body, headers });
  it('lets through what is documented, errors, and routes that are not', () => {
    expect(count({ result: { user_count: 1 } })).toEqual([]);
    expect(count({ message: 'no' }, 403)).toEqual([]);
    expect(documentFaults('GET', '/nowhere', { status: 200, body: {}, headers })).toEqual([]);
  });
  it('is made of every answer that a test reads through `api`', async () => {
    const server = createServer((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"result":{"user_count":"many"}}'),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const asked = api({ url: `http://127.0.0.1:${port}` });
    await expect(asked.get('/v1/users/count')).rejects.toThrow('/result/user_count must be integer');
    server.close();
    server.closeAllConnections();
  });
  it('names wrong types, unknown members, statuses and missing versions', () => {
    expect(count({ result: { user_count: '1' } }).join()).toContain('/result/user_count must be integer');
    expect(count({ result: { user_count: 1, secret: 1 } }).join()).toContain('"additionalProperty":"secret"');
    expect(count({ result: { user_count: 1 } }, 202).join()).toContain('this status is not documented');
    const user = { user_id: 'u', status: 'Active', created_at: 1, updated_at: 1 };
    expect(documentFaults('GET', '/v1/users/u', { status: 200, body: { result: user }, headers })).toEqual([
      'GET /v1/users/{user_id} (getUserById) 200: the ETag is missing',
    ]);
  });
});
