/** A page on localhost in a real Chromium with a virtual authenticator: runs the browser's half of WebAuthn ceremonies. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';

export interface AuthenticatorOptions {
  /** The passkey may be synced between devices. */
  readonly isSynced?: boolean;
  /** False: the authenticator says that it has not verified the user. */
  readonly isUserVerified?: boolean;
}

/** The credential as `PublicKeyCredential.toJSON` gives it. */
export interface BrowserAnswer {
  readonly id: string;
  readonly rawId: string;
  readonly type: 'public-key';
  // biome-ignore lint/suspicious/noExplicitAny: a test changes and hands on what the browser made
  readonly response: any;
}

async function serve(): Promise<{ server: Server; origin: string }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Shop</title>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, origin: `http://localhost:${address.port}` };
}

export class PasskeyBrowser {
  readonly origin: string;
  readonly #server: Server;
  readonly #context: BrowserContext;
  readonly #page: Page;
  readonly #cdp: CDPSession;
  #authenticatorId = '';

  private constructor(parts: {
    origin: string;
    server: Server;
    context: BrowserContext;
    page: Page;
    cdp: CDPSession;
  }) {
    this.origin = parts.origin;
    this.#server = parts.server;
    this.#context = parts.context;
    this.#page = parts.page;
    this.#cdp = parts.cdp;
  }

  /** A page at an origin of its own. */
  static async open(chromium: Browser, options: AuthenticatorOptions = {}): Promise<PasskeyBrowser> {
    const { server, origin } = await serve();
    const context = await chromium.newContext();
    const page = await context.newPage();
    await page.goto(origin);
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const browser = new PasskeyBrowser({ origin, server, context, page, cdp });
    await browser.takeNewAuthenticator(options);
    return browser;
  }

  /** Puts an empty authenticator in place of the one before. */
  async takeNewAuthenticator({
    isSynced = false,
    isUserVerified = true,
  }: AuthenticatorOptions = {}): Promise<void> {
    if (this.#authenticatorId !== '')
      await this.#cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: this.#authenticatorId });
    const { authenticatorId } = await this.#cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified,
        automaticPresenceSimulation: true,
        defaultBackupEligibility: isSynced,
        defaultBackupState: isSynced,
      },
    });
    this.#authenticatorId = authenticatorId;
  }

  /** Runs `navigator.credentials.create`. @throws Error with what the browser said */
  create(options: object): Promise<BrowserAnswer> {
    return this.#run('create', 'parseCreationOptionsFromJSON', options);
  }

  /** Runs `navigator.credentials.get`. @throws Error with what the browser said */
  get(options: object): Promise<BrowserAnswer> {
    return this.#run('get', 'parseRequestOptionsFromJSON', options);
  }

  async close(): Promise<void> {
    await this.#context.close();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #run(call: string, parse: string, options: object): Promise<BrowserAnswer> {
    const publicKey = `PublicKeyCredential.${parse}(${JSON.stringify(options)})`;
    return this.#page.evaluate(
      `navigator.credentials.${call}({ publicKey: ${publicKey} }).then((credential) => credential.toJSON())`,
    );
  }
}
