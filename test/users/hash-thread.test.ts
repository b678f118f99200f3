/** Hashes beside the event loop: whoever signs in holds up nobody else. */
import { describe, expect, it } from '@jest/globals';
import { PasswordHasher } from '../../src/users/password.ts';

const PASSWORD = 'Correct-Horse-7-Battery';
/** perl crypt. */
const TEN_ROUNDS = '$2b$10$abcdefghijklmnopqrstuuybwh5uS9UzfTdawCkjM8aWtsrHnkyii';
/** Nobody knows the password. 14 is the most that is taken. */
const FOURTEEN_ROUNDS = `$2b$14$${'a'.repeat(53)}`;
const hasher = () => new PasswordHasher({ concurrency: 1, queueLimit: 4 });

describe('bcrypt hashes', () => {
  it('are verified while the event loop goes on', async () => {
    let isDone = false;
    const verified = hasher()
      .verify(FOURTEEN_ROUNDS, PASSWORD)
      .finally(() => {
        isDone = true;
      });
    let turns = 0;
    for (; !isDone; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(await verified).toBe(false);
    // On the thread of the event loop there would be one turn, or one for each slice of a tenth of a second.
    expect(turns).toBeGreaterThan(1000);
  });

  it('take no place from the hashes that we make, and wait in a queue with an end', async () => {
    const one = hasher();
    const order: string[] = [];
    const slow = one.verify(FOURTEEN_ROUNDS, PASSWORD).then(() => order.push('bcrypt'));
    const quick = one.hash(PASSWORD).then(() => order.push('argon2'));
    const waiting = Array.from({ length: 15 }, () => one.verify(TEN_ROUNDS, PASSWORD));
    await expect(one.verify(TEN_ROUNDS, PASSWORD)).rejects.toMatchObject({
      status: 503,
      retryAfterSeconds: 1,
    });
    await Promise.all([slow, quick]);
    expect(order).toEqual(['argon2', 'bcrypt']);
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => true));
  });

  it('count 72 bytes of a password, as they did where the hash was made', async () => {
    // perl crypt of 72 times "a".
    const text = '$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe';
    const verify = (password: string) => hasher().verify(text, password);
    expect(
      await Promise.all(['a'.repeat(72), `${'a'.repeat(72)}and more`, 'a'.repeat(71)].map(verify)),
    ).toEqual([true, true, false]);
  });
});
