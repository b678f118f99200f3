/** What recovery codes look like: ten texts of 80 random bits, shown once and kept as hashes. */
import { randomInt } from 'node:crypto';
import { hashSecret } from '../base/secrets.ts';

const COUNT = 10;
/** Crockford's base 32: nothing in it looks like something else. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const GROUPS = 4;
const GROUP_LENGTH = 4;

const group = (): string =>
  Array.from({ length: GROUP_LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
const newCode = (): string => Array.from({ length: GROUPS }, group).join('-');

export const newRecoveryCodes = (): string[] => Array.from({ length: COUNT }, newCode);

/** However it was typed: upper or lower case, with or without hyphens and spaces, `o` for `0`, `i` or `l` for `1`. */
export const hashRecoveryCode = (code: string): string =>
  hashSecret(code.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1'));
