/** Reads names of authentication contexts, which stand in one text with spaces between them. */

export const acrWords = (text: unknown): string[] =>
  typeof text === 'string' ? text.split(' ').filter(Boolean) : [];
