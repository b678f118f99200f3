/** Posts JSON under headers that `fetch` would not let a caller set, such as Host. */
import { request } from 'node:http';
import type { App } from './start-app.ts';

/** The status of the answer. */
export const rawPost = (
  app: Pick<App, 'port'>,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const content = JSON.stringify(body);
    const sent = request(
      {
        host: '127.0.0.1',
        port: app.port,
        path,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(content),
          ...headers,
        },
      },
      (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
    sent.end(content);
  });
