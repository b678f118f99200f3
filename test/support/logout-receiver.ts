/** A client's back-channel logout address: takes logout tokens and keeps what came. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { eventually } from './eventually.ts';

export interface ReceivedLogout {
  readonly contentType: string | undefined;
  readonly token: string;
}

export class LogoutReceiver {
  readonly received: ReceivedLogout[] = [];
  /** What each request is answered with, beginning now. */
  status = 200;
  readonly #server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    this.received.push({
      contentType: request.headers['content-type'],
      token: form.get('logout_token') ?? '',
    });
    const location = this.status === 302 ? { location: '/elsewhere' } : {};
    response.writeHead(this.status, location).end('ignored');
  });

  static async listen(port = 0): Promise<LogoutReceiver> {
    const receiver = new LogoutReceiver();
    receiver.#server.listen(port, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  get uri(): string {
    return `http://localhost:${this.port}/backchannel?client=1`;
  }

  /** The token of the `count`th request from now on. */
  async next(what: string, after = this.received.length): Promise<ReceivedLogout> {
    return eventually(what, () => this.received[after]);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
