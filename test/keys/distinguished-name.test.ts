/** Distinguished names as texts: what is the same name, and what is no name. */
import { parseDistinguishedName, sameName } from '../../src/keys/distinguished-name.ts';

const same = (one: string, other: string): boolean => {
  const [left, right] = [parseDistinguishedName(one), parseDistinguishedName(other)];
  if (!left || !right) throw new Error('not a name');
  return sameName(left, right);
};

describe('distinguished names (RFC 4514)', () => {
  it.each([
    ['CN=shop,O=Acme', ' cn = shop ;  o=Acme '],
    ['CN=shop,O=Acme', '2.5.4.3=shop,OID.2.5.4.10=Acme'],
    ['O=Acme\\, Inc.', 'O=Acme\\2C Inc.'],
    ['CN=\\C3\\84pfel', 'CN=Äpfel'],
    ['CN=a+OU=b,O=c', 'OU=b+CN=a,O=c'],
    ['E=a@b.example', 'emailAddress=a@b.example'],
    ['CN=100%', 'CN=100\\25'],
    ['CN=a b', 'CN=a\\20b'],
  ])('%s is the same as %s', (one, other) => {
    expect(same(one, other)).toBe(true);
  });

  it.each([
    ['CN=shop,O=Acme', 'O=Acme,CN=shop'],
    ['CN=shop,O=Acme', 'CN=shop'],
    ['CN=shop', 'CN=Shop'],
    ['CN=a+OU=b', 'CN=a,OU=b'],
    ['CN=a,CN=b', 'CN=b,CN=a'],
    ['CN=a', 'OU=a'],
    ['O=Acme\\, Inc.', 'O=Acme,OU=Inc.'],
    ['CN=a', 'CN=a\\20'],
  ])('%s is another name than %s', (one, other) => {
    expect(same(one, other)).toBe(false);
  });

  it.each([
    '',
    'shop',
    'CN=',
    'CN=a,',
    ',CN=a',
    'CN=a,,O=b',
    'X=a',
    'CN=#0C0161',
    'CN="a"',
    'CN=a\\',
    'CN=\\C3',
    'CN=a<b',
    'toString=a',
    '/O=Acme/CN=shop',
  ])('"%s" is no name', (text) => {
    expect(parseDistinguishedName(text)).toBeUndefined();
  });

  it('reads long blanks without effort', () => {
    const from = performance.now();
    expect(parseDistinguishedName(`CN=a${' '.repeat(4000)}`)).toHaveLength(1);
    expect(performance.now() - from).toBeLessThan(500);
  });
});
