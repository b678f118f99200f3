/** The koa application: fixed public address, trusted proxies, the /cis prefix, and a server that stops cleanly. */
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import Koa from 'koa';
import proxyAddr from 'proxy-addr';
import type { Secret } from '../base/secrets.ts';
import { StartError } from '../base/start-error.ts';
import { answerClientError } from './client-error.ts';

export interface AppParts {
  readonly publicUrl: URL;
  readonly trustedProxies: readonly string[];
}

/** Links, cookies and redirects use the configured address whatever the request's headers say. */
export function createKoa({ publicUrl, trustedProxies }: AppParts): Koa {
  const app = new Koa();
  app.silent = true;
  const trusts = proxyAddr.compile([...trustedProxies]);
  Object.defineProperties(app.request, {
    protocol: { get: () => publicUrl.protocol.slice(0, -1) },
    host: { get: () => publicUrl.host },
    ip: {
      get(this: Koa.Request) {
        return proxyAddr(this.req, trusts);
      },
    },
  });
  app.use(async (ctx, next) => {
    // D1: every route exists with and without the prefix.
    if (ctx.path === '/cis' || ctx.path.startsWith('/cis/')) ctx.url = ctx.url.slice('/cis'.length) || '/';
    ctx.set({ 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'same-origin' });
    if (publicUrl.protocol === 'https:') ctx.set('Strict-Transport-Security', 'max-age=31536000');
    await next();
  });
  return app;
}

export interface Listening {
  /** Stops accepting, waits for what is in flight (at most `graceMs`), then closes every connection. */
  stop(graceMs: number): Promise<void>;
}

export interface Address {
  readonly host: string;
  readonly port: number;
  /** Present on the port that asks for a client certificate (contract/oidc.md 6). */
  readonly tls?: { readonly certificate: string; readonly key: Secret };
}

const LIMITS = { headersTimeout: 20_000, requestTimeout: 60_000, maxHeaderSize: 16_384 };

function createListener(app: Koa, { tls }: Address): Server {
  if (!tls) return createServer(LIMITS, app.callback());
  // TLS proves that the peer holds the certificate's key. Whether the certificate is the client's is decided later, so
  // that self-signed certificates get through the handshake and a call without one is answered, not cut.
  const request = { requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' } as const;
  return createTlsServer(
    { ...LIMITS, ...request, cert: tls.certificate, key: tls.key.reveal() },
    app.callback(),
  );
}

/** @throws StartError when the port is taken or not allowed. */
export async function listen(app: Koa, address: Address): Promise<Listening> {
  const server = createListener(app, address);
  const { host, port, tls } = address;
  server.keepAliveTimeout = 65_000;
  server.on('clientError', answerClientError);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(cannotListen(error, host, port, tls ? 'MTLS_PORT' : 'PORT')),
    );
    server.listen(port, host, resolve);
  });
  return { stop: (graceMs) => stop(server, graceMs) };
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number, variable: string): Error {
  if (error.code === 'EADDRINUSE')
    return new StartError(
      `Port ${port} on ${host} is already in use; stop the other program, or set ${variable} to a free port.`,
    );
  if (error.code === 'EACCES')
    return new StartError(
      `Port ${port} may not be opened by this user; set ${variable} to a number above 1023.`,
    );
  return new StartError(
    `The server cannot listen on ${host}:${port} (${error.code}); check HOST and ${variable}.`,
  );
}

async function stop(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  await closed;
  clearTimeout(timer);
  clearInterval(idle);
}
