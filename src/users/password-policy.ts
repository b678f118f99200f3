/** What an application asks of passwords, and the rules that need nothing but the text (contract/authentication.md 5). */
import type { BrokenRule, PasswordRule } from '../texts/password-rule-texts.ts';
import type { Lockout } from './lockout.ts';

export const PASSWORD_MAX_LENGTH = 256;

export interface PasswordPolicy {
  readonly minLength: number;
  /** 1 to 5: character classes required; from 5 on no three equal characters in a row. */
  readonly complexity: number;
  /** Refuses what a guesser with a dictionary finds soon. */
  readonly checkDictionary: boolean;
  /** Refuses what stands in the list of breached passwords. */
  readonly checkBreached: boolean;
  /** So many passwords, the present one included, must not be used again. 0: any may. */
  readonly blockPrevious: number;
}

/** Everything about passwords that an application sets. */
export interface PasswordSettings {
  /** The application has named the method. */
  readonly configured: boolean;
  /** It has neither set the method nor does it offer passwords at its hosted sign-in. */
  readonly isDisabled?: true;
  readonly policy: PasswordPolicy;
  readonly lockout: Lockout;
  /** Absent where passwords do not expire. */
  readonly expiresInDays?: number;
  /** How long a temporary password can be used; absent: for ever. */
  readonly temporaryValidityHours?: number;
  readonly resetValidityMinutes: number;
  /** Length of a code that resets the password. */
  readonly codeLength: number;
  /** A reset needs a second factor. */
  readonly requireMfa: boolean;
  readonly notifyOnUpdate: boolean;
}

/** Where the application sets none. */
export const DEFAULT_POLICY: PasswordPolicy = {
  minLength: 14,
  complexity: 5,
  checkDictionary: false,
  checkBreached: false,
  blockPrevious: 0,
};
/** For passwords that a backend sets without enforcing complexity. */
export const LEAST_POLICY: PasswordPolicy = { ...DEFAULT_POLICY, minLength: 8, complexity: 1 };

/** `rule` and `count` choose the sentence of a page. */
export interface PasswordProblem extends BrokenRule {
  readonly code: 'auth_password_weak' | 'auth_password_breached' | 'auth_password_recently_used';
  /** A sentence for the person who chose the password. */
  readonly message: string;
}

const CLASSES = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{Ll}\p{Lu}\p{Nd}]/u];
/** Shorter ones are in many passwords by chance. */
const MIN_IDENTIFIER = 4;

interface Rule {
  readonly rule: PasswordRule;
  /** The number in its sentence. */
  count?(policy: PasswordPolicy): number;
  isBroken(password: string, policy: PasswordPolicy, identifiers: readonly string[]): boolean;
  sentence(policy: PasswordPolicy): string;
}

const neededClasses = ({ complexity }: PasswordPolicy): number => Math.min(complexity, CLASSES.length);

const RULES: readonly Rule[] = [
  {
    rule: 'tooLong',
    count: () => PASSWORD_MAX_LENGTH,
    isBroken: (password) => password.length > PASSWORD_MAX_LENGTH,
    sentence: () => `The password must have at most ${PASSWORD_MAX_LENGTH} characters`,
  },
  {
    rule: 'tooShort',
    count: ({ minLength }) => minLength,
    isBroken: (password, { minLength }) => [...password].length < minLength,
    sentence: ({ minLength }) => `The password must have at least ${minLength} characters`,
  },
  {
    rule: 'fewKinds',
    count: (policy) => neededClasses(policy),
    isBroken: (password, policy) =>
      CLASSES.filter((sign) => sign.test(password)).length < neededClasses(policy),
    sentence: (policy) =>
      `The password must have ${neededClasses(policy)} of: lower case letters, upper case letters, digits, symbols`,
  },
  {
    rule: 'repeated',
    isBroken: (password, { complexity }) => complexity >= 5 && /(.)\1\1/su.test(password),
    sentence: () => 'The password must not have the same character three times in a row',
  },
  {
    rule: 'ownIdentifier',
    isBroken: (password, _policy, identifiers) => wordsOf(identifiers).some((word) => has(password, word)),
    sentence: () => 'The password must not contain your email, phone number or username',
  },
];

const has = (password: string, word: string): boolean => password.toLowerCase().includes(word);

/** An email is recognised by the part before the @, too. */
const wordsOf = (identifiers: readonly string[]): string[] =>
  identifiers
    .flatMap((one) => [one, one.split('@')[0] ?? ''])
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word.length >= MIN_IDENTIFIER);

/** Every rule that the password breaks, one sentence each. `identifiers` of its owner must not be part of it. */
export const weaknesses = (
  password: string,
  policy: PasswordPolicy,
  identifiers: readonly string[] = [],
): PasswordProblem[] =>
  RULES.filter((rule) => rule.isBroken(password, policy, identifiers)).map((rule) => ({
    code: 'auth_password_weak',
    rule: rule.rule,
    ...(rule.count && { count: rule.count(policy) }),
    message: rule.sentence(policy),
  }));
