import { LANGUAGES, type Language } from '../../src/texts/language.ts';
import { PASSWORD_RULE_TEXTS, passwordRule } from '../../src/texts/password-rule-texts.ts';
import { DEFAULT_POLICY, weaknesses } from '../../src/users/password-policy.ts';
import { textsIn, textTables } from '../support/text-tables.ts';

const tables = await textTables();
const all = (language: Language) =>
  new Map([...tables].flatMap(([name, table]) => textsIn(table[language], `/${name}`)));
const english = all('en');
const slots = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([slot]) => slot).sort();

describe.each(LANGUAGES)('the words of the pages (%s)', (language) => {
  it('are all there, with the same places to fill in', () => {
    const own = all(language);
    expect([...own.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [path, text] of own) {
      // Only the mails without a link have an empty text.
      expect([path, text.trim() === '']).toEqual([path, english.get(path) === '']);
      expect([path, slots(text)]).toEqual([path, slots(english.get(path) ?? '')]);
    }
  });

  it('say every rule of passwords, by its code, with its number', () => {
    const policy = { ...DEFAULT_POLICY, minLength: 14 };
    const broken = [
      ...weaknesses('aaa', { ...policy, complexity: 5 }),
      ...weaknesses('x'.repeat(300), policy),
      ...weaknesses('ada-lovelace', policy, ['ada-lovelace']),
    ];
    const texts = PASSWORD_RULE_TEXTS[language];
    const ofText = ['tooLong', 'tooShort', 'fewKinds', 'repeated', 'ownIdentifier'];
    expect([...new Set(broken.map(({ rule }) => rule))].sort()).toEqual(ofText.sort());
    expect(Object.keys(texts).sort()).toEqual([...ofText, 'guessable', 'breached', 'usedBefore'].sort());
    for (const problem of broken) {
      const sentence = passwordRule(language, problem);
      expect(sentence).toMatch(/[.。]$/);
      expect(sentence).not.toContain('{');
      for (const [number] of problem.message.matchAll(/\d+/g)) expect(sentence).toContain(number);
      // What developers read and what people read is one sentence in English, and another one elsewhere.
      expect(sentence === `${problem.message}.`).toBe(language === 'en');
    }
    for (const [rule, sentence] of Object.entries(texts)) {
      expect(slots(sentence)).toEqual(slots(PASSWORD_RULE_TEXTS.en[rule as keyof typeof texts]));
      expect(sentence === PASSWORD_RULE_TEXTS.en[rule as keyof typeof texts]).toBe(language === 'en');
    }
  });
});
