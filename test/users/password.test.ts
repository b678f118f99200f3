import { describe, expect, it } from '@jest/globals';
import { PasswordHasher } from '../../src/users/password.ts';

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

  it('goes on with strangers after a moment in which there was no room for the first of them', async () => {
    const hasher = new PasswordHasher({ concurrency: 1, queueLimit: 0 });
    const running = hasher.hash('one');
    await expect(hasher.verifyNobody('two')).rejects.toMatchObject({ status: 503 });
    await running;
    expect(await hasher.verifyNobody('two')).toBe(false);
  });
});
