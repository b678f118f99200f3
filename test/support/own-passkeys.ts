/** Passkeys of a person at the account pages and at the second factor, with an authenticator that needs no browser. */
import type { AccountVisitor } from './account.ts';
import type { Browser, Page } from './browser.ts';
import { type Lies, SoftAuthenticator } from './soft-authenticator.ts';
import type { App } from './start-app.ts';

const LIST = '/account/passkeys';
export const ADD = `${LIST}/add`;

export const newAuthenticator = (app: App): SoftAuthenticator =>
  new SoftAuthenticator(new URL(app.issuer).origin);

/** What the script of a page does first. */
export async function startCeremony(
  app: App,
  browser: Pick<Browser, 'cookies'>,
  path = `${ADD}/start`,
  headers: Record<string, string> = {},
) {
  const url = new URL(path, app.issuer);
  const cookie = browser.cookies.headerFor(url);
  const answer = await fetch(app.url + path, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, ...headers },
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: text.startsWith('{') ? JSON.parse(text) : {},
  };
}

export const answerField = (webauthn_session_id: string, credential: object) => ({
  passkey: JSON.stringify({ webauthn_session_id, credential }),
});

/** Runs the ceremony of the page as its script does. */
export async function addPasskey(
  app: App,
  visitor: AccountVisitor,
  device = newAuthenticator(app),
  lies: Lies = {},
): Promise<Page> {
  const { status, body } = await startCeremony(app, visitor.browser);
  if (status !== 200) throw new Error(`no ceremony: ${status} ${JSON.stringify(body)}`);
  return visitor.send(ADD, 'add', answerField(body.webauthn_session_id, device.create(body.options, lies)));
}

/** The device has a passkey of the hosted pages afterwards. */
export async function givePasskey(app: App, visitor: AccountVisitor): Promise<SoftAuthenticator> {
  const device = newAuthenticator(app);
  const page = await addPasskey(app, visitor, device);
  if (page.url.pathname !== LIST || page.status !== 200)
    throw new Error(`no passkey at ${page.url.pathname} (${page.status}):\n${page.html.slice(-3000)}`);
  return device;
}

/** Answers the question for the second factor at which the browser stands. */
export async function provePasskey(
  app: App,
  browser: Browser,
  page: Page,
  device: SoftAuthenticator,
  lies: Lies = {},
): Promise<Page> {
  const asked = await browser.submit(onlyForm(page), { factor: 'passkey' });
  const { body } = await startCeremony(app, browser, `${asked.url.pathname}/start`);
  const credential = device.get(body.options, lies);
  return browser.submit(onlyForm(asked), answerField(body.webauthn_session_id, credential));
}

export function onlyForm(page: Page) {
  const [form, ...others] = page.forms;
  if (!form || others.length > 0)
    throw new Error(`not one form at ${page.url.pathname} (${page.status}):\n${page.html.slice(-3000)}`);
  return form;
}
