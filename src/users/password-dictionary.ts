/** Recognises passwords that a guesser with a dictionary finds soon (zxcvbn), the owner's own words among them. */
import type { ZxcvbnFactory } from '@zxcvbn-ts/core';

/** The work grows with the square of the length, and what is longer is strong or weak by its beginning. */
const MAX_LENGTH = 64;
/** 3 of 4: more than 10^8 guesses, "safely unguessable" against attacks that are slowed down. */
const ENOUGH = 3;

let estimator: Promise<ZxcvbnFactory> | undefined;

/** Some megabytes of words: read at the first question, not at the start. */
async function load(): Promise<ZxcvbnFactory> {
  const [core, common] = await Promise.all([import('@zxcvbn-ts/core'), import('@zxcvbn-ts/language-common')]);
  return new core.ZxcvbnFactory({
    dictionary: common.dictionary,
    graphs: common.adjacencyGraphs,
    maxLength: MAX_LENGTH,
  });
}

/** True for a password that is soon found. */
export async function isGuessable(password: string, words: readonly string[] = []): Promise<boolean> {
  estimator ??= load();
  return (await estimator).check(password, [...words]).score < ENOUGH;
}
