/** Client groups of the SSO Service, with clients of both protocols, for tests of their sign-ins. */
import { Browser, type Page } from './browser.ts';
import { HostedScene } from './hosted-login.ts';
import { type Api, adminToken, api, clientToken } from './management.ts';
import { RelyingParty } from './relying-party.ts';
import { REDIRECT_URI } from './scene.ts';
import { makeSamlClient, ServiceProvider } from './service-provider.ts';
import type { App } from './start-app.ts';

export interface Member {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly rp: RelyingParty;
}

export class GroupScene {
  readonly app: App;
  readonly hosted: HostedScene;
  #count = 0;

  private constructor(app: App, hosted: HostedScene) {
    this.app = app;
    this.hosted = hosted;
  }

  static async set(app: App): Promise<GroupScene> {
    return new GroupScene(app, await HostedScene.set(app));
  }

  /** A token lives an hour, which a test may let go by. */
  async admin(): Promise<Api> {
    return api(this.app, await adminToken(this.app));
  }

  async must(method: 'post' | 'put', path: string, body: object) {
    const answer = await (await this.admin())[method](path, body);
    if (answer.status > 299) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.result ?? answer.body;
  }

  /** @returns the policy's id and its name, which is the journey */
  async policy(rules: object): Promise<{ policy_id: string; name: string }> {
    this.#count += 1;
    return this.must('post', '/v1/sso-service/policies', {
      name: `Policy ${this.#count} of ${this.hosted.email}`,
      rules,
    });
  }

  /** @returns the group's id */
  async group(configuration: object = {}): Promise<string> {
    const whole = { journey: 'default', ...configuration };
    return (await this.must('post', '/v1/sso-service/sso-group', { name: 'Intranet', configuration: whole }))
      .app_id;
  }

  /** A client of the scene's application. */
  async client(client_group_id: string, fields: object = {}): Promise<Member> {
    const at = `/v1/applications/${this.hosted.scene.appId}/clients`;
    const body = { name: 'Member', redirect_uris: [REDIRECT_URI], client_group_id, ...fields };
    const { client_id: clientId, client_secret: clientSecret } = await this.must('post', at, body);
    const settings = { clientId, clientSecret, redirectUri: REDIRECT_URI };
    return { clientId, clientSecret, rp: await RelyingParty.discover(this.app, settings) };
  }

  async provider(
    client_group_id: string,
    fields: object = {},
    options: ConstructorParameters<typeof ServiceProvider>[1] = {},
  ): Promise<ServiceProvider> {
    const own = api(this.app, await clientToken(this.app, this.hosted.scene));
    return new ServiceProvider(await makeSamlClient(own, { client_group_id, ...fields }), options);
  }

  /** Moves the client into the group, or out of it with ''. */
  async join({ clientId }: Pick<Member, 'clientId'>, client_group_id: string): Promise<void> {
    const at = `/v1/applications/${this.hosted.scene.appId}/clients/${clientId}`;
    await this.must('put', at, { client_group_id });
  }

  async open(browser: Browser, { rp }: Member, parameters: Record<string, string> = {}): Promise<Page> {
    return browser.open((await rp.authorize(parameters)).url);
  }

  /** What a silent request of this browser is answered with: 'code', or the error. */
  async silently(browser: Browser, member: Member): Promise<string | null> {
    const { url } = await this.open(browser, member, { prompt: 'none' });
    return url.searchParams.has('code') ? 'code' : url.searchParams.get('error');
  }

  /** A browser in which the scene's person has signed in to the client with the password. */
  async signedIn({ rp }: Member, browser = new Browser(this.app)): Promise<Browser> {
    await rp.signIn(this.app, this.hosted.scene.person, { browser });
    return browser;
  }
}
