import { DEFAULT_POLICY, LEAST_POLICY, weaknesses } from '../../src/users/password-policy.ts';

const sentences = (...given: Parameters<typeof weaknesses>): string[] =>
  weaknesses(...given).map(({ message }) => message);

describe('password policy (authentication.md 5)', () => {
  it.each([
    ['short', 'Ab1!', DEFAULT_POLICY, /at least 14/],
    ['of one class', 'abcdefghijklmnop', DEFAULT_POLICY, /4 of/],
    ['with a run of three', 'Abcdefghij111!xyz', DEFAULT_POLICY, /three times/],
    ['endless', 'a'.repeat(257), LEAST_POLICY, /at most 256/],
  ])('refuses a password that is %s', (_what, password, policy, sentence) => {
    expect(sentences(password, policy)).toEqual([expect.stringMatching(sentence)]);
  });

  it('takes one that meets all rules', () => {
    expect(weaknesses('Correct-Horse-7-Battery', DEFAULT_POLICY, ['ann@example.com'])).toEqual([]);
  });

  it('names every problem, not the first alone', () => {
    expect(sentences('aaa', DEFAULT_POLICY)).toEqual([
      expect.stringMatching(/at least 14/),
      expect.stringMatching(/4 of/),
      expect.stringMatching(/three times/),
    ]);
  });

  it.each([
    ['the email', 'X1!-Ann.Lee@Example.com'],
    ['the part of the email before the @', 'My-ANN.LEE-2024-x'],
    ['the username', 'The-Captain99-rows'],
    ['the phone number', 'Call-+15251230701-now'],
  ])('refuses %s as a part of the password', (_what, password) => {
    const identifiers = ['ann.lee@example.com', 'captain99', '+15251230701'];
    expect(sentences(password, DEFAULT_POLICY, identifiers)).toEqual([expect.stringMatching(/not contain/)]);
    expect(sentences(password, DEFAULT_POLICY)).toEqual([]);
  });

  it('does not mind an identifier that is too short to mean anything', () => {
    expect(weaknesses('Correct-Horse-7-Battery', DEFAULT_POLICY, ['bat', 'hor@example.com'])).toEqual([]);
  });

  it.each([
    [1, 'abcdefgh'],
    [2, 'abcdefg1'],
    [3, 'Abcdefg1'],
    [4, 'Abcdef1!'],
  ])('complexity %i asks for so many kinds of characters', (complexity, password) => {
    const policy = { ...LEAST_POLICY, complexity };
    expect(weaknesses(password, policy)).toEqual([]);
    expect(weaknesses(password, { ...policy, complexity: complexity + 1 })).toHaveLength(
      complexity < 4 ? 1 : 0,
    );
  });
});
