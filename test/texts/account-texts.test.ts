/** The words of the account pages say the same in every language. */
import { ACCOUNT_MAIL_TEXTS } from '../../src/texts/account-mail-texts.ts';
import { ACCOUNT_TEXTS } from '../../src/texts/account-texts.ts';
import { LANGUAGES } from '../../src/texts/language.ts';

/** Every text by its place, with the values that are filled in. */
function placeholders(texts: object, place = ''): [string, string[]][] {
  return Object.entries(texts).flatMap(([name, text]: [string, unknown]): [string, string[]][] =>
    typeof text === 'string'
      ? [[`${place}${name}`, (text.match(/\{\w+\}/g) ?? []).sort()]]
      : placeholders(text as object, `${place}${name}.`),
  );
}

describe.each(LANGUAGES)('the account texts in %s', (language) => {
  it.each([
    ['pages', ACCOUNT_TEXTS],
    ['mails', ACCOUNT_MAIL_TEXTS],
  ])(
    'have the values of the English ones in the %s, and no text is empty but the link of a mail',
    (_what, all) => {
      expect(placeholders(all[language])).toEqual(placeholders(all.en));
      const empty = Object.entries(flat(all[language])).filter(
        ([place, text]) => text === '' && !place.endsWith('link'),
      );
      expect(empty).toEqual([]);
    },
  );
});

const flat = (texts: object, place = ''): Record<string, string> =>
  Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]: [string, unknown]) =>
      typeof text === 'string'
        ? [[`${place}${name}`, text]]
        : Object.entries(flat(text as object, `${place}${name}.`)),
    ),
  );
