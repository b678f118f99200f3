/** In which of our languages a person is spoken to. */

export const LANGUAGES = ['en', 'es', 'fr', 'pt', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** One text, or one set of texts, in every language. */
export type InEveryLanguage<T> = Readonly<Record<Language, T>>;

const isLanguage = (text: string): text is Language => (LANGUAGES as readonly string[]).includes(text);

/** The first tag that we speak (RFC 4647 lookup: `fr-CA` falls back to `fr`); undefined for none. */
export function firstSpoken(tags: readonly string[]): Language | undefined {
  return tags.map((tag) => tag.toLowerCase().split('-')[0] ?? '').find(isLanguage);
}

/** The tags of an Accept-Language header, the most wanted first (RFC 9110 12.5.4). */
export const acceptedTags = (header: string): string[] =>
  header
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const quality = parameters.map((one) => /^\s*q=([\d.]+)$/.exec(one)?.[1]).find(Boolean);
      return { tag: tag.trim(), quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ tag, quality }) => tag !== '' && quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);

/** What the request asks for goes before what the browser asks for; English where we speak neither. */
export const chooseLanguage = (uiLocales: readonly string[], acceptLanguage: string): Language =>
  firstSpoken(uiLocales) ?? firstSpoken(acceptedTags(acceptLanguage)) ?? 'en';

/** Fills `{name}` in a text; a name without a value stays as it is. */
export const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
