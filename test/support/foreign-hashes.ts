/** Hashes of one password, made by others: perl's crypt (libxcrypt), Python's hashlib, the vectors of the Argon2 authors. */

export const FOREIGN_PASSWORD = 'Correct-Horse-7-Battery';
const SALT = 'AAECAwQFBgcICQoLDA0ODw==';
const PBKDF2_SHA1 =
  'GaCjqpGRz8HONIZctVDXjCe7hWWgrfMxd9FoMxC0ve0fnfYAwSjVcMqutOAspvEd7v6BXMg4oPBvmpYp9H9cqw==';
const PBKDF2_SHA256 = 'KqvsJvdquNTKeF+hlsCGswWIY36sxXfZQ8jG3qpa92s=';
const PBKDF2_SHA256_64 =
  'KqvsJvdquNTKeF+hlsCGswWIY36sxXfZQ8jG3qpa92vUDcvxk3YFPE8HN73898hf5MyppPbrc91x58kCdSfgBQ==';
const PBKDF2_SHA512 =
  'OrCpbzq1G4F9pzTyhz/BkM95T+CKdjom6YtZrMngFVAO4/EMtnQFcY24z2DLGPgK3+idVGcv7DVr4cAt6zgn1w==';
const SCRYPT_15 =
  '19d20aec418d3cdc301edfc16b4293d0c71e85ea3d2974fabb4808a17308cd44b8f890745014fa48bf7a98b01310baa4a8ee61c99ca30111bbcbe8f44e42e5f8';

const keycloak = (algorithm: string, hashIterations: number, value: string) => ({
  credentials: [
    {
      type: 'password',
      credentialData: JSON.stringify({ hashIterations, algorithm, additionalParameters: {} }),
      secretData: JSON.stringify({ value, salt: SALT, additionalParameters: {} }),
    },
  ],
});
const unpadded = (text: string): string => text.replace(/=+$/, '');

export interface ForeignHash {
  readonly name: string;
  /** Of a line about a user. */
  readonly members: object;
  readonly password: string;
}

const of = (name: string, hash: string | object, password = FOREIGN_PASSWORD): ForeignHash => ({
  name,
  members: typeof hash === 'string' ? { password_hash: hash } : hash,
  password,
});

export const FOREIGN_HASHES: readonly ForeignHash[] = [
  of(
    'argon2i (phc-winner-argon2, test.c)',
    '$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA',
    'password',
  ),
  of(
    'argon2i of version 16 (phc-winner-argon2, test.c)',
    '$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ',
    'password',
  ),
  of('bcrypt $2a$ (perl crypt)', '$2a$10$abcdefghijklmnopqrstuuybwh5uS9UzfTdawCkjM8aWtsrHnkyii'),
  of('bcrypt $2b$ (perl crypt)', '$2b$10$abcdefghijklmnopqrstuuybwh5uS9UzfTdawCkjM8aWtsrHnkyii'),
  of('bcrypt $2y$ (perl crypt)', '$2y$08$abcdefghijklmnopqrstuurthnVy7Jc0fw3dr21V9MeuJQUV0VYsW'),
  of(
    'scrypt as PHC text (Python hashlib)',
    '$scrypt$ln=14,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$d34x+apKWWUGX0uYSdv5+Cpig+cHVB0lXrUtsIjB3XmzJrHdsBlia8TfcNzUYgbQb71z0GEe0EF9TYoav4QxxA',
  ),
  of('scrypt as Auth0 imports it (Python hashlib)', {
    custom_password_hash: {
      algorithm: 'scrypt',
      hash: { value: SCRYPT_15, encoding: 'hex' },
      salt: { value: 'NaCl-0123', encoding: 'utf8' },
      cost: 32768,
      keylen: 64,
    },
  }),
  of(
    'pbkdf2 as PHC text (Python hashlib)',
    `$pbkdf2-sha256$i=27500,l=32$${unpadded(SALT)}$${unpadded(PBKDF2_SHA256)}`,
  ),
  of('pbkdf2 as Auth0 imports it (Python hashlib)', {
    custom_password_hash: {
      algorithm: 'pbkdf2',
      hash: {
        value: `$pbkdf2-sha512$i=30000,l=64$${unpadded(SALT)}$${unpadded(PBKDF2_SHA512)}`,
        encoding: 'utf8',
      },
    },
  }),
  of('pbkdf2 of Keycloak, SHA-1 (Python hashlib)', keycloak('pbkdf2', 20_000, PBKDF2_SHA1)),
  of(
    'pbkdf2-sha256 of Keycloak, 512 bits (Python hashlib)',
    keycloak('pbkdf2-sha256', 27_500, PBKDF2_SHA256_64),
  ),
  of('pbkdf2-sha512 of Keycloak (Python hashlib)', keycloak('pbkdf2-sha512', 30_000, PBKDF2_SHA512)),
];
