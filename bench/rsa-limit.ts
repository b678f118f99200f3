/** What a core of this machine signs with RSA-2048 in a second, as `openssl speed` says it; and a key with its certificate. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export async function rsaSignaturesPerSecond(seconds: number): Promise<number> {
  const { stdout } = await run('openssl', ['speed', '-seconds', String(Math.ceil(seconds)), 'rsa2048']);
  const found = /^rsa 2048 bits\s+\S+s\s+\S+s\s+([\d.]+)/m.exec(stdout)?.[1];
  if (found === undefined) throw new Error(`openssl speed said something else: ${stdout}`);
  return Number(found);
}

export async function newIdentity(): Promise<{ privateKey: string; certificate: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-bench-'));
  try {
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const kind = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=bench'];
    await run('openssl', [...kind, '-keyout', key, '-out', cert]);
    return { privateKey: await readFile(key, 'utf8'), certificate: await readFile(cert, 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
