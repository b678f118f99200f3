/** What an error of the storage looks like outside. */
import type Koa from 'koa';
import type { Logger } from '../../src/base/logger.ts';
import { errorResponder } from '../../src/http/error-responder.ts';

/** The answer to a request whose handler throws this. */
async function answerTo(thrown: unknown) {
  const logged: unknown[] = [];
  const headers: Record<string, string> = {};
  const ctx = {
    path: '/v1/users',
    status: 404,
    body: undefined as unknown,
    set: (name: string, value: string) => {
      headers[name] = value;
    },
    accepts: () => 'json',
  };
  const log = { error: (details: unknown) => logged.push(details) } as unknown as Logger;
  await errorResponder(log)(ctx as unknown as Koa.Context, () => Promise.reject(thrown));
  return { status: ctx.status, body: ctx.body, headers, logged };
}

describe('errors of the database', () => {
  it.each([
    [
      'a deadlock that ended at our expense',
      Object.assign(new Error('deadlock detected'), { code: '40P01' }),
    ],
    ['too many connections', Object.assign(new Error('sorry'), { code: '53300' })],
    [
      'a statement that ran too long',
      Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' }),
    ],
    [
      'a lock that was not to be had in time',
      Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' }),
    ],
    ['a server that is stopped', Object.assign(new Error('terminating connection'), { code: '57P01' })],
    ['a server that is not there', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ['a connection that was cut', new Error('Connection terminated unexpectedly')],
    ['no free connection in time', new Error('timeout exceeded when trying to connect')],
  ])('ask to try again where that helps, and are logged: %s (RFC 9110 15.6.4)', async (_, thrown) => {
    const { status, body, headers, logged } = await answerTo(thrown);
    expect({ status, body, after: headers['retry-after'] }).toEqual({
      status: 503,
      body: { message: 'The server is busy; send the request again', error_code: 503 },
      after: '1',
    });
    expect(logged).toEqual([{ err: thrown }]);
  });

  it('are a fault of ours in every other case, without a word about it', async () => {
    const thrown = Object.assign(new Error('relation "users" does not exist'), { code: '42P01' });
    expect(await answerTo(thrown)).toMatchObject({
      status: 500,
      body: { message: 'Internal error', error_code: 500 },
      logged: [{ err: thrown }],
    });
  });
});
