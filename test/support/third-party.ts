/** A third-party client beside the first-party client of a scene, and the ways through its consent. */
import { Browser, type Page, signInForm } from './browser.ts';
import { adminToken, api } from './management.ts';
import { RelyingParty } from './relying-party.ts';
import type { Scene } from './scene.ts';
import type { App } from './start-app.ts';

export const PARTNER_REDIRECT_URI = 'https://partner.example.org/callback';

export interface ThirdParty {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly rp: RelyingParty;
  /** The answer to its creation. */
  readonly created: Record<string, unknown>;
}

/** Makes the client in the scene's application; `fields` are laid over its body. */
export async function addThirdParty(
  app: App,
  scene: Scene,
  fields: Record<string, unknown> = {},
): Promise<ThirdParty> {
  const admin = api(app, await adminToken(app));
  const { status, body } = await admin.post(`/v1/applications/${scene.appId}/clients`, {
    name: 'Partner Ltd',
    redirect_uris: [PARTNER_REDIRECT_URI],
    resources: [scene.resource.resourceId],
    is_third_party: true,
    ...fields,
  });
  if (status !== 201) throw new Error(`no third-party client: ${status} ${JSON.stringify(body)}`);
  const { client_id: clientId, client_secret: clientSecret } = body;
  const settings = { clientId, clientSecret, redirectUri: PARTNER_REDIRECT_URI };
  return { clientId, clientSecret, created: body, rp: await RelyingParty.discover(app, settings) };
}

/** Opens an authorization request and signs in where asked; ends where the user is asked for consent, or beyond. */
export async function reachConsent(
  app: App,
  scene: Scene,
  party: Pick<ThirdParty, 'rp'>,
  parameters: Record<string, string>,
  browser = new Browser(app),
) {
  const request = await party.rp.authorize(parameters);
  let page = await browser.open(request.url);
  const asksForPassword = page.forms.some(({ fields }) => 'password' in fields);
  if (asksForPassword)
    page = await browser.submit(signInForm(page), {
      identifier: scene.person.identifier,
      password: scene.person.password,
    });
  return { browser, request, page };
}

/** Sends Tessera's own consent form. @throws Error with the page where there is none. */
export function decide(browser: Browser, page: Page, decision: 'allow' | 'deny'): Promise<Page> {
  const form = page.forms[0];
  if (!form || !page.url.pathname.startsWith('/consent/'))
    throw new Error(`no consent form at ${page.url.href} (${page.status}):\n${page.html.slice(0, 2000)}`);
  return browser.submit(form, { decision });
}

/** The whole way of a user who allows what is asked, where the client has no consent page of its own. */
export async function tokensByConsent(
  app: App,
  scene: Scene,
  party: ThirdParty,
  parameters: Record<string, string>,
  browser = new Browser(app),
) {
  const { request, page } = await reachConsent(app, scene, party, parameters, browser);
  const arrival = page.status === 0 ? page : await decide(browser, page, 'allow');
  return party.rp.redeem(arrival.url, request);
}
