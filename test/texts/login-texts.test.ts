import { CONSENT_TEXTS } from '../../src/texts/consent-texts.ts';
import { ENGINE_TEXTS } from '../../src/texts/engine-texts.ts';
import { LANGUAGES, type Language } from '../../src/texts/language.ts';
import { LOGIN_TEXTS, passwordRule } from '../../src/texts/login-texts.ts';
import { DEFAULT_POLICY, weaknesses } from '../../src/users/password-policy.ts';

/** Every text of a language by its path. */
function texts(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  return Object.entries(value as object).flatMap(([name, inner]) => texts(inner, `${path}/${name}`));
}
const all = (language: Language) =>
  new Map(
    texts({
      login: { ...LOGIN_TEXTS[language], passwordRules: {} },
      engine: ENGINE_TEXTS[language],
      consent: CONSENT_TEXTS[language],
    }),
  );
const english = all('en');
const slots = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([slot]) => slot).sort();

describe.each(LANGUAGES)('the words of the pages (%s)', (language) => {
  it('are all there, with the same places to fill in', () => {
    const own = all(language);
    expect([...own.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [path, text] of own) {
      expect(text.trim()).not.toBe('');
      expect([path, slots(text)]).toEqual([path, slots(english.get(path) ?? '')]);
    }
  });

  it('say every rule of passwords, with its number', () => {
    const policy = { ...DEFAULT_POLICY, minLength: 14 };
    const broken = [
      ...weaknesses('aaa', policy),
      ...weaknesses('x'.repeat(300), policy),
      ...weaknesses('ada-lovelace', policy, ['ada-lovelace']),
    ].map(({ message }) => message);
    const others = [
      'The password is too easy to guess; use words that do not belong together, or a longer one',
      'The password is known from a data breach; choose another one',
      'The password was used before; choose one that you have not had lately',
    ];
    expect(new Set(broken).size).toBe(5);
    for (const message of [...broken, ...others]) {
      const sentence = passwordRule(LOGIN_TEXTS[language], message);
      expect(sentence).toMatch(/[.。]$/);
      if (language !== 'en') expect(sentence).not.toContain('assword must');
      if (language !== 'en') expect(sentence).not.toBe(`${message}.`);
      for (const [number] of message.matchAll(/\d+/g)) expect(sentence).toContain(number);
      expect(sentence).not.toContain('#');
    }
  });
});
