/** Tessera with its second port, and the means to call it with one certificate or another. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Identity, issue } from './certificates.ts';
import type { StorageOptions } from './engines.ts';
import { type Answer, read } from './management.ts';
import { type App, freePort, startApp } from './start-app.ts';
import { type TlsFetch, type TlsIdentity, tlsFetch } from './tls-fetch.ts';

export interface MutualTlsApp {
  readonly app: App;
  /** Where certificates are asked for, without a trailing slash. */
  readonly tlsUrl: string;
  /** A `fetch` over TLS with this certificate, or without one. */
  as(identity?: TlsIdentity): TlsFetch;
  /** Posts a form to a path of the TLS port. */
  post(path: string, form: Record<string, string>, options?: CallOptions): Promise<Answer>;
  get(path: string, token: string, identity?: TlsIdentity): Promise<Answer>;
  discard(): Promise<void>;
}

export interface CallOptions {
  readonly identity?: TlsIdentity | undefined;
  readonly headers?: Record<string, string>;
}

export interface ServerFiles {
  readonly authority: Identity;
  readonly folder: string;
  readonly certFile: string;
  readonly keyFile: string;
  remove(): void;
}

/** A server certificate for localhost in files, and the authority that issued it. */
export async function serverFiles(): Promise<ServerFiles> {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-tls-'));
  const authority = await issue({ subject: [['CN', 'Server authority']], authority: true });
  const server = await issue({ subject: [['CN', 'localhost']], issuer: authority });
  const [certFile, keyFile] = [join(folder, 'server.pem'), join(folder, 'server.key')];
  writeFileSync(certFile, server.cert);
  writeFileSync(keyFile, server.key);
  return {
    authority,
    folder,
    certFile,
    keyFile,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Calls over TLS to one origin; the sockets are kept per certificate. */
export function tlsCaller(tlsUrl: string, authority: Identity) {
  const fetches = new Map<TlsIdentity | undefined, TlsFetch>();
  const as = (identity?: TlsIdentity): TlsFetch => {
    const known = fetches.get(identity) ?? tlsFetch(authority.cert, identity);
    fetches.set(identity, known);
    return known;
  };
  return {
    as,
    post: async (path: string, form: Record<string, string>, { identity, headers = {} }: CallOptions = {}) =>
      read(await as(identity)(tlsUrl + path, { method: 'POST', body: new URLSearchParams(form), headers })),
    get: async (path: string, token: string, identity?: TlsIdentity) =>
      read(await as(identity)(tlsUrl + path, { headers: { authorization: `Bearer ${token}` } })),
    close: () => {
      for (const one of fetches.values()) one.close();
    },
  };
}

export async function startMutualTls(
  storage: StorageOptions,
  env: Record<string, string> = {},
): Promise<MutualTlsApp> {
  const files = await serverFiles();
  const port = await freePort();
  const tls = { MTLS_PORT: String(port), TLS_CERT_FILE: files.certFile, TLS_KEY_FILE: files.keyFile };
  const app = await startApp({ ...storage, env: { ...tls, ...env } });
  const tlsUrl = `https://localhost:${port}`;
  const caller = tlsCaller(tlsUrl, files.authority);
  return {
    app,
    tlsUrl,
    ...caller,
    discard: async () => {
      caller.close();
      await app.discard();
      files.remove();
    },
  };
}
