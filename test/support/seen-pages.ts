/** Pages that a test has seen: what is not in their language, and what a browser as simple as HtmlUnit could not do. */
import type { InEveryLanguage, Language } from '../../src/texts/language.ts';
import { textsIn } from './text-tables.ts';

export interface SeenPage {
  readonly path: string;
  readonly html: string;
}

type Tables = ReadonlyMap<string, InEveryLanguage<object>>;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' };

/** What a person reads or hears, without what is marked as English: that is written for operators. */
function wordsOf(html: string): string {
  const spoken = html
    .replace(/<(style|script)\b[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<(\w+)\b[^>]*\blang="en"[^>]*>[\s\S]*?<\/\1>/gi, ' ');
  const heard = [...spoken.matchAll(/\b(?:aria-label|title|alt|placeholder)="([^"]*)"/gi)].map(([, a]) => a);
  return [spoken.replace(/<[^>]*>/g, ' '), ...heard]
    .join(' ')
    .replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole)
    .replace(/&#(\d+);/g, (_whole, code: string) => String.fromCodePoint(Number(code)))
    .replace(/\s+/g, ' ');
}

/** The fixed parts of a text between what is filled in; what is no word is left out. */
const piecesOf = (text: string): string[] =>
  text
    .split(/\{\w+\}/)
    .map((piece) => piece.trim())
    .filter((piece) => /\p{L}{2}/u.test(piece) && piece.length > 3);

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** English texts, by their tables, that are on a page of another language. */
export function englishOn({ path, html }: SeenPage, tables: Tables, language: Language): string[] {
  const words = wordsOf(html);
  const found: string[] = [];
  for (const [name, table] of tables) {
    const own = new Map(textsIn(table[language]));
    for (const [place, text] of textsIn(table.en))
      for (const piece of piecesOf(text))
        if (
          !own.get(place)?.includes(piece) &&
          new RegExp(`(?<![\\w-])${escaped(piece)}(?![\\w-])`).test(words)
        )
          found.push(`${path}: "${piece}" (${name}${place})`);
  }
  return found;
}

/** Names of the tables of which no page has a text. */
export function unseenTables(pages: readonly SeenPage[], tables: Tables, language: Language): string[] {
  const words = pages.map(({ html }) => wordsOf(html)).join('\n');
  return [...tables]
    .filter(
      ([, table]) =>
        !textsIn(table[language])
          .flatMap(([, text]) => piecesOf(text))
          .some((one) => words.includes(one)),
    )
    .map(([name]) => name);
}

/** What a page must not need: each with what stands in the source of the page. */
const BEYOND: readonly (readonly [string, RegExp])[] = [
  ['a control outside of its form', /<(?:button|input|select|textarea)\b[^>]*\sform=/i],
  ['a button that sends the form elsewhere', /\sform(?:action|method|target|enctype)=/i],
  ['a dialog', /<dialog\b/i],
  ['content that has to be unfolded', /<details\b/i],
  ['a selector that simple browsers skip, with its whole rule', /:(?:has|is|where)\(/],
  ['a handler in an attribute', /<[^>]*\son\w+=/i],
];
const SUBMIT = /<button type="submit"(?![^>]*\shidden)[^>]*>|<input type="submit"/gi;

/** A passkey cannot be had without a script; the form says so in place of its button. */
const SAYS_SO = 'id="passkey-missing"';

/** Why the page needs more than links, forms and their buttons; empty where it does not. */
export function beyondPlainForms({ path, html }: SeenPage): string[] {
  const forms = [...html.matchAll(/<form\b[\s\S]*?<\/form>/gi)].map(([form]) => form);
  const outside = html.replace(/<form\b[\s\S]*?<\/form>/gi, '');
  return [
    ...BEYOND.filter(([, pattern]) => pattern.test(html)).map(([what]) => what),
    ...forms
      .filter((form) => form.match(SUBMIT) === null && !form.includes(SAYS_SO))
      .map((form) => `a form without a button: ${form}`),
    ...(outside.match(/<(?:button|input)\b[^>]*>/gi) ?? []).map((tag) => `outside of a form: ${tag}`),
  ].map((fault) => `${path}: ${fault}`);
}
