import { describe, expect, it } from '@jest/globals';
import { DEFAULT_POLICY, LEAST_POLICY, PasswordHasher, passwordFault } from '../../src/users/password.ts';

describe('password hasher', () => {
  it('makes Argon2id hashes at the documented cost and verifies them', async () => {
    const hasher = new PasswordHasher({ concurrency: 1, queueLimit: 4 });
    const phc = await hasher.hash('correct horse');
    expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hasher.verify(phc, 'correct horse')).toBe(true);
    expect(await hasher.verify(phc, 'wrong horse')).toBe(false);
    expect(await hasher.verifyNobody('correct horse')).toBe(false);
  });

  it('answers 503 with a time to wait when the queue is full', async () => {
    const hasher = new PasswordHasher({ concurrency: 1, queueLimit: 1 });
    const running = [hasher.hash('one'), hasher.hash('two')];
    await expect(hasher.hash('three')).rejects.toMatchObject({ status: 503, retryAfterSeconds: 1 });
    await Promise.all(running);
  });
});

describe('password policy', () => {
  it.each([
    ['short', 'Ab1!', DEFAULT_POLICY, /at least 14/],
    ['of one class', 'abcdefghijklmnop', DEFAULT_POLICY, /4 of/],
    ['with a run of three', 'Abcdefghij111!xyz', DEFAULT_POLICY, /three times/],
    ['endless', 'a'.repeat(257), LEAST_POLICY, /at most 256/],
  ])('refuses a password that is %s', (_what, password, policy, sentence) => {
    expect(passwordFault(password, policy)).toMatch(sentence);
  });

  it('takes one that meets all rules', () => {
    expect(passwordFault('Correct-Horse-7-Battery', DEFAULT_POLICY)).toBeUndefined();
  });
});
