/** Starts the Chromium that was found, for the few tests that need a real browser. */
import { type Browser, chromium } from 'playwright-core';
import { chromiumPath } from './engines.ts';

/** For `describeWithChromium('...', ...)`: skipped where there is no Chromium (engines.ts says so). */
export const describeWithChromium = chromiumPath ? describe : describe.skip;

/** A headless Chromium; the caller closes it. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    // The sandbox refuses to run as root, which is what containers of continuous integration are.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
