/** A scene whose application has every way to sign in with codes and links, and the messages that come of them. */
import * as oidc from 'openid-client';
import { Browser, type Page } from './browser.ts';
import { type Api, adminToken, api, clientToken } from './management.ts';
import { type Scene, setScene } from './scene.ts';
import type { App } from './start-app.ts';

const message = { primaryColor: '#1f4fd1' };
export const METHODS = {
  email: { expiresIn: 10, linksPerUser: 20, message },
  email_otp: { expiresIn: 5, maxFailures: 5, message },
  sms: { expiresIn: 5, maxFailures: 5 },
};

/** Six digits: the name of an application may be a longer number. @throws Error where there are none. */
export function passcodeIn({ text }: { readonly text: string }): string {
  const [code] = /(?<![\w/=-])\d{6}(?![\w/=-])/.exec(text) ?? [];
  if (code === undefined) throw new Error(`there is no passcode in: ${text}`);
  return code;
}

let count = 0;
/** A number that nobody else has. */
export const newPhone = (): string => `+1415555${String(++count).padStart(4, '0')}`;

export class CodeScene {
  readonly app: App;
  readonly scene: Scene;
  readonly admin: Api;
  /** The application's backend. */
  readonly backend: Api;

  private constructor(app: App, scene: Scene, admin: Api, backend: Api) {
    this.app = app;
    this.scene = scene;
    this.admin = admin;
    this.backend = backend;
  }

  static async set(
    app: App,
    methods: Record<string, unknown> = METHODS,
    client: Record<string, unknown> = {},
  ): Promise<CodeScene> {
    const scene = await setScene(app, client);
    const admin = api(app, await adminToken(app));
    const put = await admin.put(`/loginPreferences/${scene.appId}/authMethods`, methods);
    if (put.status !== 200) throw new Error(`no methods: ${put.status} ${JSON.stringify(put.body)}`);
    return new CodeScene(app, scene, admin, api(app, await clientToken(app, scene)));
  }

  /** A user who is a member of the application. */
  async newMember(fields: Record<string, unknown>): Promise<string> {
    const made = await this.backend.post('/v1/users', fields);
    if (made.status !== 201) throw new Error(`no user: ${made.status} ${JSON.stringify(made.body)}`);
    return made.body.result.user_id;
  }

  async allowSignUp(isAllowed: boolean): Promise<void> {
    const answer = await this.admin.put(`/v1/applications/${this.scene.appId}`, {
      allow_public_signup: isAllowed,
    });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  }

  /** Another client of the application, as its backend. */
  async anotherClient(fields: Record<string, unknown> = {}) {
    const { status, body } = await this.admin.post(`/v1/applications/${this.scene.appId}/clients`, {
      name: 'Another',
      redirect_uris: ['https://rp.example.com/callback'],
      ...fields,
    });
    if (status !== 201) throw new Error(JSON.stringify(body));
    const credentials = { clientId: body.client_id as string, clientSecret: body.client_secret as string };
    return { ...credentials, backend: api(this.app, await clientToken(this.app, credentials)) };
  }

  /** Texts of the development outbox for this recipient, newest first. */
  async messagesTo(
    to: string,
  ): Promise<{ text: string; html?: string; subject?: string; sender_id?: string }[]> {
    const { body } = await this.admin.get(`/v1/outbox?to=${encodeURIComponent(to)}`);
    return body.result;
  }

  async codeTo(to: string): Promise<string> {
    const [newest] = await this.messagesTo(to);
    if (!newest) throw new Error(`no message for ${to}`);
    return passcodeIn(newest);
  }

  async linkTo(to: string): Promise<URL> {
    const [newest] = await this.messagesTo(to);
    const [link] = /https?:\/\/\S+/.exec(newest?.text ?? '') ?? [];
    if (link === undefined) throw new Error(`no link for ${to} in: ${newest?.text}`);
    return new URL(link);
  }

  /** What openid-client makes of the code at which a page ended. */
  async redeem(page: Page): Promise<{ claims: Record<string, unknown>; tokens: oidc.TokenEndpointResponse }> {
    const tokens = await oidc.authorizationCodeGrant(this.scene.rp.config, page.url, {
      expectedState: oidc.skipStateCheck,
    });
    return { claims: { ...tokens.claims() }, tokens };
  }

  /** A browser that has opened the URL. */
  async visit(url: string | URL, browser = new Browser(this.app)): Promise<Page> {
    return browser.open(new URL(url));
  }
}

/** A code of the same length that is not this one. */
export const otherThan = (code: string, by = 1): string =>
  code.slice(0, -1) + ((Number(code.at(-1)) + by) % 10);
