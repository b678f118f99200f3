/** The reference at /docs in a real Chromium, which holds the viewer against the policy of the page. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { describeWithChromium, launchChromium } from '../support/chromium.ts';
import { adminToken } from '../support/management.ts';
import { type App, startApp } from '../support/start-app.ts';

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 400, height: 800 };

describeWithChromium('the reference in Chromium', () => {
  let app: App;
  let chromium: Browser;
  let shots: string;
  beforeAll(async () => {
    shots = mkdtempSync(join(tmpdir(), 'tessera-reference-shots-'));
    app = await startApp();
    chromium = await launchChromium();
  });
  afterAll(async () => {
    await chromium?.close();
    await app?.stop();
    await app?.discard();
    if (shots) rmSync(shots, { recursive: true, force: true });
  });

  /** Opens the reference; collects what the console complains about and every address that is asked. */
  async function open(path: string, viewport = WIDE) {
    const page = await chromium.newPage({ viewport });
    const complaints: string[] = [];
    const asked: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(app.url + path);
    await page.locator('.opblock-tag-section').first().waitFor();
    return { page, complaints, asked };
  }

  const operation = (page: Page, path: string) => page.locator('.opblock', { hasText: path }).first();

  it.each([
    '/docs',
    '/cis/docs',
    '/docs?url=https://evil.example.com/openapi.json&configUrl=https://evil.example.com/config.json',
  ])('reads well at %s without a breach of the policy (D1)', async (path) => {
    const { page, complaints, asked } = await open(path);
    expect(await page.title()).toBe('Tessera API reference');
    await page.getByRole('heading', { name: /Tessera API reference/ }).waitFor();
    await page.getByText('grant_type=client_credentials').first().waitFor();
    expect(complaints).toEqual([]);
    const outside = asked.filter((url) => !url.startsWith(app.url) && !url.startsWith('data:'));
    expect(outside).toEqual([]);
    await page.close();
  });

  it('calls the API with a bearer token and shows the answer (R2)', async () => {
    const { page, complaints, asked } = await open('/docs');
    await page.getByRole('button', { name: 'Authorize' }).first().click();
    const dialog = page.locator('.modal-ux');
    const scheme = dialog.locator('.auth-container', { hasText: 'AdminAccessToken' });
    await scheme.locator('input').fill(await adminToken(app));
    await scheme.getByRole('button', { name: 'Apply credentials' }).click();
    await page.screenshot({ path: join(shots, 'authorize.png') });
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await page.locator('.opblock-tag', { hasText: 'Users' }).first().click();
    const count = operation(page, '/v1/users/count');
    await count.locator('.opblock-summary-control').click();
    await count.getByRole('button', { name: 'Try it out' }).click();
    await count.getByRole('button', { name: 'Execute' }).click();
    await count.locator('.live-responses-table').getByText('user_count').waitFor();
    await page.screenshot({ path: join(shots, 'wide.png'), fullPage: true });
    expect(asked).toContain(`${app.url}/v1/users/count`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('fits a narrow screen', async () => {
    const { page, complaints } = await open('/docs', NARROW);
    await page.locator('.opblock-tag', { hasText: 'Users' }).first().click();
    await operation(page, '/v1/users/count').locator('.opblock-summary-control').click();
    const picture = join(shots, 'narrow.png');
    await page.screenshot({ path: picture, fullPage: true });
    expect(statSync(picture).size).toBeGreaterThan(10_000);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(NARROW.width);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
