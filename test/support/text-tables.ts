/** Every table of texts that the server has, by the name of its file: found, not listed, so that none is forgotten. */
import { readdirSync } from 'node:fs';
import { type InEveryLanguage, LANGUAGES } from '../../src/texts/language.ts';

const FOLDER = new URL('../../src/texts/', import.meta.url);

/** `account` for `account-texts.ts`; the tables of single languages come with the one that joins them. */
export async function textTables(): Promise<ReadonlyMap<string, InEveryLanguage<object>>> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('-texts.ts'));
  const found: [string, InEveryLanguage<object>][] = [];
  for (const file of files) {
    const tables = Object.values(await import(new URL(file, FOLDER).href)).filter(isTable);
    for (const table of tables) found.push([file.replace(/-texts\.ts$/, ''), table]);
  }
  return new Map(found);
}

const isTable = (value: unknown): value is InEveryLanguage<object> =>
  typeof value === 'object' && value !== null && LANGUAGES.every((language) => language in value);

/** Every text of one language by its path. */
export function textsIn(value: unknown, path = ''): [path: string, text: string][] {
  if (typeof value === 'string') return [[path, value]];
  return Object.entries((value ?? {}) as object).flatMap(([name, inner]) =>
    textsIn(inner, `${path}/${name}`),
  );
}
