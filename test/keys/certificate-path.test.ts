/** Paths from a certificate to a root: which hold, and that hostile chains end the search instead of the server. */
import { X509Certificate } from 'node:crypto';
import { validatePath } from '../../src/keys/certificate-path.ts';
import { type Identity, issue } from '../support/certificates.ts';

const node = ({ cert }: Identity): X509Certificate => new X509Certificate(cert);
const validate = async (leaf: Identity, chain: Identity[]): Promise<string | number> => {
  const outcome = await validatePath(node(leaf), chain.map(node));
  return 'refused' in outcome ? outcome.refused : outcome.authorities.length;
};
const authority = (name: string, more: Partial<Parameters<typeof issue>[0]> = {}) =>
  issue({ subject: [['CN', name]], authority: true, ...more });

describe('certificate paths (RFC 5280 section 6)', () => {
  it('hold through several intermediates, given in any order', async () => {
    const root = await authority('Root');
    const first = await authority('First', { issuer: root });
    const second = await authority('Second', { issuer: first });
    const leaf = await issue({ subject: [['CN', 'leaf']], issuer: second });
    expect(await validate(leaf, [root, second, first])).toBe(3);
    expect(await validate(leaf, [root, second])).toBe('no path to a root');
  });

  it('hold by the renewed intermediate where the old one with the same key has expired', async () => {
    const root = await authority('Root');
    const old = await authority('Intermediate', { issuer: root, validFrom: -9, validTo: -1 });
    const renewed = await authority('Intermediate', { issuer: root, keys: old.keys });
    const leaf = await issue({ subject: [['CN', 'leaf']], issuer: renewed });
    expect(await validate(leaf, [old, renewed, root])).toBe(2);
    expect(await validate(leaf, [old, root])).toMatch(/expired/);
  });

  it('do not run in circles where authorities certify each other, or the leaf certifies its issuer', async () => {
    const root = await authority('Root');
    const a = await authority('A');
    const b = await authority('B', { issuer: a });
    const aByB = await authority('A', { issuer: b, keys: a.keys });
    const leaf = await issue({ subject: [['CN', 'leaf']], issuer: b });
    expect(await validate(leaf, [b, aByB, root])).toBe('no path to a root');
    const byLeaf = await authority('B', { issuer: leaf, keys: b.keys });
    expect(await validate(leaf, [byLeaf, aByB, root])).toBe('no path to a root');
    const sameKey = await authority('C', { issuer: root, keys: root.keys });
    expect(await validate(leaf, [sameKey, b, aByB, root])).toBe('no path to a root');
  });

  it('do not hold below an issuer that is no authority, or whose path is too long for it', async () => {
    const root = await authority('Root');
    const ordinary = await issue({ subject: [['CN', 'ordinary']], issuer: root });
    const leaf = await issue({ subject: [['CN', 'leaf']], issuer: ordinary });
    expect(await validate(leaf, [ordinary, root])).toBe('no path to a root');
    const short = await authority('Short', { issuer: root, pathLength: 0 });
    const below = await authority('Below', { issuer: short });
    const deep = await issue({ subject: [['CN', 'deep']], issuer: below });
    expect(await validate(deep, [below, short, root])).toMatch(/longer than one of its authorities allows/);
    const direct = await issue({ subject: [['CN', 'direct']], issuer: short });
    expect(await validate(direct, [short, root])).toBe(2);
  });

  it('do not hold where the certificate has a critical extension that nobody here understands', async () => {
    const root = await authority('Root');
    const leaf = await issue({ subject: [['CN', 'leaf']], issuer: root, critical: '1.2.3.4.5' });
    expect(await validate(leaf, [root])).toBe(
      'the critical extension 1.2.3.4.5 in its path is not known here',
    );
  });
});
