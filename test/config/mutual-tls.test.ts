/** What the environment must say before the second port opens, one sentence for each fault. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, readConfig } from '../../src/config/config.ts';
import { type ServerFiles, serverFiles } from '../support/mutual-tls.ts';
import { refusedStart } from '../support/start-app.ts';

const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
};

describe('the mutual TLS settings', () => {
  let files: ServerFiles;
  let complete: Record<string, string>;
  beforeAll(async () => {
    files = await serverFiles();
    complete = { MTLS_PORT: '3443', TLS_CERT_FILE: files.certFile, TLS_KEY_FILE: files.keyFile };
  });
  afterAll(() => files.remove());

  const fileWith = (name: string, text: string): string => {
    writeFileSync(join(files.folder, name), text);
    return join(files.folder, name);
  };

  it('are all optional', () => {
    expect(readConfig({}).mutualTls).toEqual({});
  });

  it('open a port whose address is announced on the host of PUBLIC_URL', () => {
    const { mutualTls } = readConfig({ ...complete, PUBLIC_URL: 'https://id.example.com' });
    expect(mutualTls.listener?.port).toBe(3443);
    expect(mutualTls.publicUrl?.origin).toBe('https://id.example.com:3443');
    const named = readConfig({ ...complete, MTLS_PUBLIC_URL: 'https://mtls.example.com' });
    expect(named.mutualTls.publicUrl?.origin).toBe('https://mtls.example.com');
  });

  it('never print the key', () => {
    expect(JSON.stringify(readConfig(complete))).not.toContain('PRIVATE KEY');
  });

  it('take the header of a proxy in any case of letters', () => {
    const env = { CLIENT_CERT_HEADER: 'Client-Cert', TRUSTED_PROXIES: '10.0.0.0/8' };
    expect(readConfig(env).mutualTls).toEqual({ certificateHeader: 'client-cert' });
  });

  it('are refused with one sentence for each fault', () => {
    const other = fileWith('other.key', 'not a key');
    const cases: [Record<string, string>, string[]][] = [
      [{ MTLS_PORT: '3443' }, ['TLS_CERT_FILE must name a PEM file', 'TLS_KEY_FILE must name a PEM file']],
      [{ MTLS_PORT: '0' }, ['MTLS_PORT must be a whole number', 'TLS_CERT_FILE must', 'TLS_KEY_FILE must']],
      [{ ...complete, MTLS_PORT: '3000' }, ['MTLS_PORT must be another port than PORT']],
      [
        { ...complete, TLS_CERT_FILE: '/nowhere' },
        ['TLS_CERT_FILE names a file that cannot be read (ENOENT)'],
      ],
      [
        { ...complete, TLS_KEY_FILE: files.folder },
        ['TLS_KEY_FILE names a file that cannot be read (EISDIR)'],
      ],
      [{ ...complete, TLS_CERT_FILE: other }, ['TLS_CERT_FILE does not hold a PEM certificate']],
      [{ ...complete, TLS_KEY_FILE: other }, ['TLS_KEY_FILE does not hold a PEM private key']],
      [{ TLS_CERT_FILE: files.certFile }, ['TLS_CERT_FILE serves the mutual TLS port only']],
      [{ MTLS_PUBLIC_URL: 'https://a.example' }, ['MTLS_PUBLIC_URL is set, but nothing would see']],
      [{ ...complete, MTLS_PUBLIC_URL: 'http://a.example' }, ['MTLS_PUBLIC_URL must be a URL that begins']],
      [{ ...complete, MTLS_PUBLIC_URL: 'https://a.example/x' }, ['MTLS_PUBLIC_URL must be an origin only']],
      [{ CLIENT_CERT_HEADER: 'Client-Cert' }, ['CLIENT_CERT_HEADER is believed from TRUSTED_PROXIES only']],
      [
        { CLIENT_CERT_HEADER: 'Client Cert', TRUSTED_PROXIES: '10.0.0.1' },
        ['CLIENT_CERT_HEADER must be the name of a header'],
      ],
    ];
    for (const [env, sentences] of cases)
      expect(faultsOf(env)).toEqual(sentences.map((sentence) => expect.stringContaining(sentence)));
  });

  it('are refused with the key of another certificate', async () => {
    const another = await serverFiles();
    const faults = faultsOf({ ...complete, TLS_KEY_FILE: another.keyFile });
    another.remove();
    expect(faults).toEqual([expect.stringContaining('TLS_KEY_FILE is not the key of the first certificate')]);
  });

  it('end the start together with the other faults', async () => {
    const { code, output } = await refusedStart({ env: { MTLS_PORT: '3443', LOG_LEVEL: 'loud' } });
    expect(code).toBe(1);
    for (const name of ['LOG_LEVEL', 'TLS_CERT_FILE', 'TLS_KEY_FILE'])
      expect(output).toContain(`Tessera cannot start: ${name}`);
  });
});
