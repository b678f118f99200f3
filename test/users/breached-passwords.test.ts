import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { breachedPasswords } from '../../src/users/breached-passwords.ts';

const digestOf = (password: string): string => hash('sha1', password).toUpperCase();

describe('list of breached passwords (checkHibp)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-breached-'));
  const said: string[] = [];
  const list = breachedPasswords({ folder, onMissing: (sentence) => said.push(sentence) });
  const write = (password: string, name: (prefix: string) => string, count: number, before = ''): void => {
    const digest = digestOf(password);
    writeFileSync(join(folder, name(digest.slice(0, 5))), `${before}${digest.slice(5)}:${count}\r\n`);
  };
  beforeEach(() => said.splice(0));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('finds a password by the prefix and the rest of its hash, in files with and without a suffix', async () => {
    write('one', (prefix) => prefix, 3, `${'0'.repeat(35)}:7\r\n`);
    write('two', (prefix) => `${prefix}.txt`, 1);
    expect([await list.has('one'), await list.has('two'), said.length]).toEqual([true, true, 0]);
  });

  it('does not take a line that only pads the file, nor the neighbour of a hash', async () => {
    write('three', (prefix) => prefix, 0);
    const digest = digestOf('four');
    writeFileSync(join(folder, digest.slice(0, 5)), `${'F'.repeat(35)}:9\r\n`);
    expect([await list.has('three'), await list.has('four'), said.length]).toEqual([false, false, 0]);
  });

  it('says that it could not ask where a file or the folder is missing', async () => {
    expect([await list.has('five'), said]).toEqual([false, [expect.stringContaining('file missing')]]);
    const none = breachedPasswords({ folder: undefined, onMissing: (sentence) => said.push(sentence) });
    expect([await none.has('one'), said[1]]).toEqual([false, expect.stringContaining('not set')]);
  });
});
