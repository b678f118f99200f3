import { newSecret, Secret } from '../../src/base/secrets.ts';
import { Sealer } from '../../src/keys/sealer.ts';

describe('sealed secrets (AES-256-GCM under the master key)', () => {
  const sealer = new Sealer(new Secret(newSecret()));

  it('open to what was sealed, and look different each time', () => {
    const [one, two] = [sealer.seal('text', 'kid'), sealer.seal('text', 'kid')];
    expect(one).not.toBe(two);
    expect(sealer.open(one, 'kid')).toBe('text');
    expect(sealer.open(two, 'kid')).toBe('text');
  });

  it('do not open under another master key, for another context, or after any change', () => {
    const sealed = sealer.seal('text', 'kid');
    const changed = Buffer.from(sealed, 'base64url');
    changed[14] = (changed[14] ?? 0) ^ 1;
    expect(() => new Sealer(new Secret(newSecret())).open(sealed, 'kid')).toThrow();
    expect(() => sealer.open(sealed, 'other')).toThrow();
    expect(() => sealer.open(changed.toString('base64url'), 'kid')).toThrow();
  });

  it('come with keys for other purposes that differ by purpose and stay the same', () => {
    expect(sealer.derive('cookies')).toBe(sealer.derive('cookies'));
    expect(sealer.derive('cookies')).not.toBe(sealer.derive('other'));
  });
});
