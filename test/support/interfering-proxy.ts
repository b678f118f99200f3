/** Stands between a caller and Tessera, and lets a test do something in the middle of their conversation. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ProxyAnswer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Called before a request goes on; what it returns is answered in place of Tessera. */
export type Interference = (call: string) => Promise<ProxyAnswer | undefined> | ProxyAnswer | undefined;

export interface Proxy {
  readonly url: string;
  /** `GET /v1/roles` and so on, in the order of arrival. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

export async function interferingProxy(target: string, interfere: Interference): Promise<Proxy> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const call = `${request.method} ${request.url}`;
    calls.push(call);
    serve(target, interfere, call, request, response).catch((error: unknown) =>
      response.destroy(error as Error),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    calls,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function serve(
  target: string,
  interfere: Interference,
  call: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const own = await interfere(call);
  if (own) {
    response.writeHead(own.status, own.headers).end(own.body);
    return;
  }
  const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
  const body = Buffer.concat(chunks);
  const answer = await fetch(target + request.url, {
    method: request.method ?? 'GET',
    headers: headers as Record<string, string>,
    redirect: 'manual',
    ...(body.length > 0 && { body }),
  });
  const {
    'content-encoding': ____,
    'content-length': _____,
    'transfer-encoding': ______,
    ...back
  } = Object.fromEntries(answer.headers);
  response.writeHead(answer.status, back).end(Buffer.from(await answer.arrayBuffer()));
}
