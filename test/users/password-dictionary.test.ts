import { isGuessable } from '../../src/users/password-dictionary.ts';

describe('dictionary of passwords (checkDictionary)', () => {
  it.each(['Password123!', 'P@ssw0rd2024', 'qwertyuiop[]', 'Abcd1234!Abcd1234!'])(
    'finds %s',
    async (password) => {
      expect(await isGuessable(password)).toBe(true);
    },
  );

  it('finds what is made of the owner’s words, and not what is random', async () => {
    expect(await isGuessable('zqvortex9!', ['zqvortex'])).toBe(true);
    expect(await isGuessable('vT9#kQz2mLx8')).toBe(false);
  });

  it('answers at once for a password of any length', async () => {
    expect(await isGuessable('x9#'.repeat(80))).toBe(true);
  });
});
