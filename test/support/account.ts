/** A person at the account pages, in a browser without script. */
import { Browser, type Form, type Page, signInForm } from './browser.ts';
import { adminToken, api } from './management.ts';
import type { Scene } from './scene.ts';
import type { App } from './start-app.ts';

export type Person = Scene['person'];

export class AccountVisitor {
  readonly browser: Browser;
  readonly #person: Person;

  private constructor(browser: Browser, person: Person) {
    this.browser = browser;
    this.#person = person;
  }

  /** Opens the account and signs in on the hosted page. @throws Error with the page at which the way ended instead */
  static async enter(app: App, person: Person, browser = new Browser(app)): Promise<AccountVisitor> {
    const visitor = new AccountVisitor(browser, person);
    const page = await visitor.signInAt(await browser.open('/account'));
    if (page.status !== 200 || page.url.pathname !== '/account')
      throw new Error(`no account at ${page.url.pathname} (${page.status}):\n${page.html.slice(0, 2000)}`);
    return visitor;
  }

  get credentials(): { identifier: string; password: string } {
    return { identifier: this.#person.identifier, password: this.#person.password };
  }

  /** Fills in the hosted page at which the browser stands. */
  signInAt(page: Page): Promise<Page> {
    return this.browser.submit(signInForm(page), this.credentials);
  }

  open(path: string): Promise<Page> {
    return this.browser.open(path);
  }

  /** Opens the page and sends its form for this, the one with this hidden value where there are several. */
  async send(path: string, verb: string, values: Record<string, string> = {}, among = ''): Promise<Page> {
    return this.browser.submit(formFor(await this.open(path), verb, among), values);
  }
}

/** @throws Error with the page where there is no such form. */
export function formFor(page: Page, verb: string, among = ''): Form {
  const form = page.forms.find(
    ({ fields }) => fields.do === verb && (among === '' || Object.values(fields).includes(among)),
  );
  if (!form)
    throw new Error(
      `no form for ${verb} at ${page.url.pathname} (${page.status}):\n${page.html.slice(-3000)}`,
    );
  return form;
}

export async function newPerson(app: App, tag: string, more: Record<string, unknown> = {}): Promise<Person> {
  const person = { identifier: `${tag}@example.com`, password: 'Aa1!correct-horse-battery' };
  const made = await api(app, await adminToken(app)).post('/v1/users', {
    email: person.identifier,
    credentials: { password: person.password, force_replace: false },
    ...more,
  });
  if (made.status !== 201) throw new Error(`no person: ${made.status} ${JSON.stringify(made.body)}`);
  return { ...person, userId: made.body.result.user_id };
}

export interface SeenMessage {
  readonly subject?: string;
  readonly text: string;
}

/** Messages kept for this recipient, the newest first. */
export async function messagesTo(app: App, to: string): Promise<SeenMessage[]> {
  const query = new URLSearchParams({ to });
  const { body } = await api(app, await adminToken(app)).get(`/v1/outbox?${query}`);
  return body.result;
}

/** The last code that was sent there. */
export async function codeSentTo(app: App, to: string): Promise<string> {
  const [code] = /\b\d{6}\b/.exec((await messagesTo(app, to))[0]?.text ?? '') ?? [];
  if (code === undefined) throw new Error(`no code was sent to ${to}`);
  return code;
}
