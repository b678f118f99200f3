/** Password hashes that other products made: which are taken, which are refused, and what becomes of them (issue 4). */
import { describe, expect, it } from '@jest/globals';
import { passwordHashOf, userLine } from '../../src/cli/transfer/user-line-schema.ts';
import { hashKind } from '../../src/users/foreign-hash.ts';
import { PasswordHasher } from '../../src/users/password.ts';
import { FOREIGN_HASHES } from '../support/foreign-hashes.ts';

const SALT = 'AAECAwQFBgcICQoLDA0ODw';
const VALUE = 'KqvsJvdquNTKeF+hlsCGswWIY36sxXfZQ8jG3qpa92s';
const hasher = new PasswordHasher({ concurrency: 2, queueLimit: 8 });
const textOf = (members: object): string =>
  passwordHashOf(userLine.parse({ email: 'a@example.com', ...members })) ?? '';
const keycloak = (credentialData: unknown, secretData: unknown) => ({
  credentials: [
    {
      type: 'password',
      credentialData: typeof credentialData === 'string' ? credentialData : JSON.stringify(credentialData),
      secretData: typeof secretData === 'string' ? secretData : JSON.stringify(secretData),
    },
  ],
});

describe('hashes of other systems', () => {
  it.each(FOREIGN_HASHES)(
    '$name: the right password meets it, a wrong one does not',
    async ({ members, password }) => {
      const text = textOf(members);
      expect(await hasher.verify(text, password)).toBe(true);
      expect(await hasher.verify(text, `${password}x`)).toBe(false);
      expect(await hasher.verify(text, '')).toBe(false);
      expect(hasher.isOutdated(text)).toBe(true);
    },
  );

  it('Argon2 as Keycloak 24 keeps it becomes a PHC text', () => {
    const parameters = { memory: ['7168'], type: ['id'], version: ['1.3'], parallelism: ['1'] };
    const credential = { hashIterations: 5, algorithm: 'argon2', additionalParameters: parameters };
    expect(textOf(keycloak(credential, { value: `${VALUE}=`, salt: `${SALT}==` }))).toBe(
      `$argon2id$v=19$m=7168,t=5,p=1$${SALT}$${VALUE}`,
    );
  });
});

describe('hashes that would cost too much or say too little', () => {
  const texts: readonly [string, string][] = [
    ['argon2 with 4 GiB', `$argon2id$v=19$m=4194304,t=1,p=1$${SALT}$${VALUE}`],
    ['argon2 with a million passes', `$argon2id$v=19$m=8,t=999999,p=1$${SALT}$${VALUE}`],
    ['argon2 with both at once', `$argon2id$v=19$m=262144,t=12,p=1$${SALT}$${VALUE}`],
    ['bcrypt with 31 rounds', `$2b$31$${'a'.repeat(53)}`],
    ['bcrypt with 15 rounds', `$2b$15$${'a'.repeat(53)}`],
    ['scrypt with ln=40', `$scrypt$ln=40,r=8,p=1$${SALT}$${VALUE}`],
    ['scrypt with much of everything', `$scrypt$ln=18,r=32,p=16$${SALT}$${VALUE}`],
    ['pbkdf2 with a billion iterations', `$pbkdf2-sha256$i=1000000000$${SALT}$${VALUE}`],
    ['a hash of a few bytes', `$pbkdf2-sha256$i=1000$${SALT}$AAAA`],
    ['MD5', '5f4dcc3b5aa765d61d8327deb882cf99'],
    ['bcrypt $2x$', `$2x$10$${'a'.repeat(53)}`],
    ['an endless text', `$pbkdf2-sha256$i=1000$${SALT}$${'A'.repeat(1000)}`],
  ];
  it.each(texts)('refuses %s', (_name, password_hash) => {
    expect(() => textOf({ password_hash })).toThrow(/password_hash: not a hash of|at most|<=1024/);
  });
  it.each(texts)(
    '%s that got into the database another way is a wrong password, and costs no work',
    async (_name, text) => {
      expect(hashKind(text)).toBeUndefined();
      expect(await hasher.verify(text, 'password')).toBe(false);
    },
  );
  it.each([
    ['md5 of Auth0', { custom_password_hash: { algorithm: 'md5', hash: { value: 'x' } } }, /not a hash/],
    [
      'an odd cost of Auth0',
      {
        custom_password_hash: {
          algorithm: 'scrypt',
          cost: 1000,
          hash: { value: VALUE },
          salt: { value: SALT },
        },
      },
      /not a hash/,
    ],
    [
      'an unknown algorithm of Keycloak',
      keycloak({ algorithm: 'x', hashIterations: 1 }, { value: 'AAAA', salt: 'AAAA' }),
      /not a hash/,
    ],
    ['broken JSON of Keycloak', keycloak('{', '{}'), /credentials\.0\.secretData: not the JSON/],
  ])('refuses %s', (_name, members, reason) => {
    expect(() => textOf(members)).toThrow(reason);
  });
});
