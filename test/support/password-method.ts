/** Sets what an application asks of passwords, and tries passwords at the hosted sign-in. */
import { Browser, type Page, signInForm } from './browser.ts';
import { adminToken, api } from './management.ts';
import type { Scene } from './scene.ts';
import type { App } from './start-app.ts';

const REQUIRED = {
  resetValidityMinutes: 5,
  passwordComplexity: 5,
  passwordMinLength: 14,
  blockPreviousPasswords: 0,
  passwordExpiresIn: 90,
  message: { primaryColor: '#000000' },
};

/** The settings of contract/authentication.md 5; what is not given has its default. */
export async function setPasswordMethod(
  app: App,
  { appId }: Pick<Scene, 'appId'>,
  settings: Record<string, unknown>,
): Promise<void> {
  const admin = api(app, await adminToken(app));
  const body = { password: { ...REQUIRED, ...settings } };
  const { status } = await admin.put(`/loginPreferences/${appId}/authMethods`, body);
  if (status !== 200) throw new Error(`the settings were refused: ${status}`);
}

export interface Door {
  readonly browser: Browser;
  readonly page: Page;
  /** Sends the form; the page stays open for more after a refusal. */
  attempt(identifier: string, password: string): Promise<Page>;
}

/** Opens the sign-in page of the scene's application in a browser of its own. */
export async function openDoor(app: Pick<App, 'url' | 'issuer'>, scene: Scene): Promise<Door> {
  const browser = new Browser(app);
  const page = await browser.open((await scene.rp.authorize()).url);
  const form = signInForm(page);
  return {
    browser,
    page,
    attempt: (identifier, password) => browser.submit(form, { identifier, password }),
  };
}

/** The status of each page; 0 is an arrival at the client, which means signed in. */
export async function attempts(door: Door, identifier: string, passwords: string[]): Promise<number[]> {
  const statuses: number[] = [];
  for (const password of passwords) statuses.push((await door.attempt(identifier, password)).status);
  return statuses;
}

/** What two answers must share when only the identifier, the nonce and the minute may differ. */
export const likeness = (page: Page, identifier: string): string =>
  page.html.replaceAll(identifier, 'IDENTIFIER').replace(/nonce="[^"]*"/g, 'nonce');
