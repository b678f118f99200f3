/** Holds a hosted page against axe in every view, and takes pictures of it. */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const VIEWS = [
  { width: 1280, height: 900, colorScheme: 'light' },
  { width: 1280, height: 900, colorScheme: 'dark' },
  { width: 320, height: 640, colorScheme: 'light' },
  { width: 320, height: 640, colorScheme: 'dark' },
] as const;

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What is wrong with the page, in words; empty where axe finds nothing and nothing needs scrolling sideways. */
export async function faultsOf(page: Page, folder: string, name: string): Promise<string[]> {
  const faults: string[] = [];
  mkdirSync(folder, { recursive: true });
  for (const { width, height, colorScheme } of VIEWS) {
    const view = `${name} ${width} ${colorScheme}`;
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `${view.replaceAll(' ', '-')}.png`), fullPage: true });
    await page.evaluate(AXE);
    const found = (await page.evaluate(
      `axe.run(document, { runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) => violations)`,
    )) as Violation[];
    for (const { id, nodes } of found)
      faults.push(`${view}: ${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`)}`);
    const [content, visible] = (await page.evaluate(
      '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
    )) as [number, number];
    if (content > visible) faults.push(`${view}: ${content} pixels wide`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  return faults;
}
