/** OCSP responders: OpenSSL's, and ones that misbehave. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from './certificates.ts';
import { opensslPath } from './engines.ts';
import { freePort } from './start-app.ts';

/** For `describeWithOpenssl(...)`: skipped where there is no OpenSSL (engines.ts says so). */
export const describeWithOpenssl = opensslPath ? describe : describe.skip;

export interface Responder {
  readonly url: string;
  stop(): Promise<void>;
}

interface Knowledge {
  /** Whose certificates the responder knows. */
  readonly issuer: Identity;
  /** Who signs the answers: the issuer, or somebody it appointed. */
  readonly signer: Identity;
  readonly valid: readonly Identity[];
  readonly revoked?: readonly Identity[];
  readonly port?: number;
}

/** One line of OpenSSL's database: state, end, revocation time, serial number, file, name. */
const line = (state: 'V' | 'R', { serial }: Identity): string =>
  `${state}\t491231235959Z\t${state === 'R' ? '250101000000Z' : ''}\t${serial}\tunknown\t/CN=x\n`;

async function untilListening(child: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (/waiting for ocsp client|ACCEPT/i.test(said)) resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('close', () => reject(new Error(`openssl ocsp ended: ${said}`)));
  });
}

export async function startResponder(knowledge: Knowledge): Promise<Responder> {
  const { issuer, signer, valid, revoked = [] } = knowledge;
  const folder = mkdtempSync(join(tmpdir(), 'tessera-ocsp-'));
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const index = [...valid.map((one) => line('V', one)), ...revoked.map((one) => line('R', one))].join('');
  const port = knowledge.port ?? (await freePort());
  const files = [
    ['-index', write('index.txt', index)],
    ['-rsigner', write('signer.pem', signer.cert)],
    ['-rkey', write('signer.key', signer.key)],
    ['-CA', write('issuer.pem', issuer.cert)],
  ].flat();
  const child = spawn(
    opensslPath ?? 'openssl',
    ['ocsp', ...files, '-port', String(port), '-nmin', '5', '-ignore_err'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const exited = once(child, 'close');
  await untilListening(child);
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A responder that answers as it is told. */
export async function startFakeResponder(answer: RequestListener): Promise<Responder> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
