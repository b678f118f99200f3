/** An SMS gateway that keeps what it gets, and answers as a test wants. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface SinkText {
  readonly to: string;
  readonly text: string;
  readonly senderId: string | undefined;
  /** Every member of the body. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
}

const WAIT_MS = 10_000;

export class SmsSink {
  readonly url: string;
  /** Everything that was accepted, oldest first. */
  readonly texts: SinkText[] = [];
  attempts = 0;
  readonly #server: Server;
  readonly #seen = new Set<SinkText>();
  #status = 204;
  #location: string | undefined;
  #isSilent = false;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}/messages`;
  }

  static async start(): Promise<SmsSink> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const sink = new SmsSink(server, address.port);
    server.on('request', (request, response) => {
      void sink.#take(request).then((status) => {
        if (status === undefined) return;
        if (sink.#location !== undefined) response.setHeader('location', sink.#location);
        response.writeHead(status).end();
      });
    });
    return sink;
  }

  /** For `startApp`. */
  get env(): Record<string, string> {
    return { SMS_WEBHOOK_URL: this.url };
  }

  /** Answers with this status; with another than 2xx, nothing is accepted. */
  answer(status: number, location?: string): void {
    this.#status = status;
    this.#location = location;
  }

  /** Takes requests without ever answering. */
  beSilent(isSilent: boolean): void {
    this.#isSilent = isSilent;
  }

  async #take(request: IncomingMessage): Promise<number | undefined> {
    this.attempts++;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (this.#isSilent) return undefined;
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}');
    if (this.#status >= 200 && this.#status < 300)
      this.texts.push({
        to: body.to,
        text: body.text,
        senderId: body.sender_id,
        body,
        headers: request.headers,
      });
    return this.#status;
  }

  /** The next text to this number that no earlier call has returned. @throws Error after ten seconds. */
  async waitForText(to: string): Promise<SinkText> {
    for (const limit = Date.now() + WAIT_MS; Date.now() < limit; await pause(20)) {
      const found = this.texts.find((one) => one.to === to && !this.#seen.has(one));
      if (!found) continue;
      this.#seen.add(found);
      return found;
    }
    throw new Error(`no text message came for ${to}`);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
