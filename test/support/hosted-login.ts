/** Walks through the hosted pages step by step, and reads the messages that they send. */
import { decodeJwt, type JWTPayload } from 'jose';
import { Browser, type Form, type Page } from './browser.ts';
import { type Api, adminToken, api } from './management.ts';
import type { AuthorizationRequest, RelyingParty } from './relying-party.ts';
import { type Scene, setScene } from './scene.ts';
import type { App } from './start-app.ts';

export interface Message {
  readonly channel: 'email' | 'sms';
  readonly subject?: string;
  readonly text: string;
  readonly html: string;
}

/** The one form of a step. @throws Error with the page where it has none, or several */
export function formOf(page: Page): Form {
  const [form, ...others] = page.forms;
  if (!form || others.length > 0)
    throw new Error(`not one form at ${page.url.pathname} (${page.status}):\n${page.html.slice(0, 2500)}`);
  return form;
}

/** The step that a page belongs to: what stands in the address after the interaction. */
export const stepOf = (page: Page): string => page.url.pathname.split('/').slice(3).join('/');

export const headingOf = (page: Page): string => /<h1>([^<]*)<\/h1>/.exec(page.html)?.[1] ?? '';
export const alertOf = (page: Page): string =>
  /<div role="alert"[^>]*>([\s\S]*?)<\/div>/.exec(page.html)?.[1] ?? '';

/** A sign-in that one browser has begun. */
export class Walk {
  readonly browser: Browser;
  readonly request: AuthorizationRequest;
  readonly #rp: RelyingParty;
  page: Page;

  private constructor(rp: RelyingParty, browser: Browser, request: AuthorizationRequest, page: Page) {
    this.#rp = rp;
    this.browser = browser;
    this.request = request;
    this.page = page;
  }

  static async begin(
    app: App,
    { rp }: Pick<Scene, 'rp'>,
    parameters: Record<string, string> = {},
    browser = new Browser(app),
  ): Promise<Walk> {
    const request = await rp.authorize(parameters);
    return new Walk(rp, browser, request, await browser.open(request.url));
  }

  get uid(): string {
    return this.page.url.pathname.split('/')[2] ?? '';
  }

  get step(): string {
    return stepOf(this.page);
  }

  async send(values: Record<string, string>): Promise<this> {
    this.page = await this.browser.submit(formOf(this.page), values);
    return this;
  }

  async open(url: string | URL): Promise<this> {
    this.page = await this.browser.open(url);
    return this;
  }

  /** What openid-client makes of the code at the end. @throws Error with the page where there is none */
  async claims(): Promise<JWTPayload> {
    if (!this.page.url.searchParams.has('code'))
      throw new Error(
        `no code at ${this.page.url.href} (${this.page.status}):\n${this.page.html.slice(0, 2500)}`,
      );
    const tokens = await this.#rp.redeem(this.page.url, this.request);
    return decodeJwt(String(tokens.id_token));
  }
}

/** An application with a person, whose settings and messages a test can reach. */
export class HostedScene {
  readonly app: App;
  readonly scene: Scene;
  readonly admin: Api;
  /** Of the scene's person. */
  readonly email: string;
  readonly phone: string;

  private constructor(app: App, scene: Scene, admin: Api, phone: string) {
    this.app = app;
    this.scene = scene;
    this.admin = admin;
    this.email = scene.person.identifier;
    this.phone = phone;
  }

  static async set(app: App, settings: Record<string, unknown> = {}): Promise<HostedScene> {
    const scene = await setScene(app);
    const admin = api(app, await adminToken(app));
    const phone = `+1415${String(Math.floor(Math.random() * 1e7)).padStart(7, '0')}`;
    const hosted = new HostedScene(app, scene, admin, phone);
    const given = await admin.put(`/v1/users/${scene.person.userId}`, { phone_number: phone });
    if (given.status !== 200) throw new Error(JSON.stringify(given.body));
    // Somebody who has proved something before: a first proof would end the password (users/first-proof.ts).
    const at = `/v1/users/${scene.person.userId}/phone-numbers/${encodeURIComponent(phone)}/verify`;
    const proved = await admin.post(at, {});
    if (proved.status !== 202) throw new Error(JSON.stringify(proved.body));
    await hosted.configure(settings);
    return hosted;
  }

  async configure(settings: Record<string, unknown>): Promise<void> {
    const answer = await this.admin.put(`/v1/applications/${this.scene.appId}`, settings);
    if (answer.status !== 200) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`);
  }

  begin(parameters: Record<string, string> = {}, browser?: Browser): Promise<Walk> {
    return Walk.begin(this.app, this.scene, parameters, browser);
  }

  /** Newest first. */
  async messagesTo(to: string): Promise<Message[]> {
    const { status, body } = await this.admin.get(`/v1/outbox?to=${encodeURIComponent(to)}`);
    if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`);
    return body.result;
  }

  async lastMessageTo(to: string): Promise<Message> {
    const [message] = await this.messagesTo(to);
    if (!message) throw new Error(`nothing was sent to ${to}`);
    return message;
  }

  async lastCodeTo(to: string): Promise<string> {
    const { text } = await this.lastMessageTo(to);
    const [code] = /(?<![\w/=+-])\d{4,10}(?![\w/=-])/.exec(text) ?? [];
    if (code === undefined) throw new Error(`no code in: ${text}`);
    return code;
  }

  async lastLinkTo(to: string): Promise<string> {
    const { text } = await this.lastMessageTo(to);
    const [link] = /https?:\/\/\S+/.exec(text) ?? [];
    if (link === undefined) throw new Error(`no link in: ${text}`);
    return link;
  }
}

/** What two answers must share when only these words and the secrets of the page may differ. */
export const likeness = (page: Page, ...own: readonly string[]): string =>
  own
    .reduce((text, word) => text.replaceAll(word, 'OWN'), page.html)
    .replace(/nonce="[^"]*"/g, 'nonce')
    .replace(/name="csrf" value="[^"]*"/g, 'csrf');
