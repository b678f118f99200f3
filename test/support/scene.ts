/** The scene most flows begin with: an application with a web client, a resource on its list, and a person. */
import { randomBytes } from 'node:crypto';
import { adminToken, api } from './management.ts';
import { RelyingParty } from './relying-party.ts';
import type { App } from './start-app.ts';

export const REDIRECT_URI = 'https://rp.example.com/callback';

export interface Scene {
  readonly appId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly resource: { readonly resourceId: string; readonly uri: string };
  readonly person: { readonly identifier: string; readonly password: string; readonly userId: string };
  readonly rp: RelyingParty;
}

const must = (answer: { status: number; body: unknown }, status: number): void => {
  if (answer.status !== status)
    throw new Error(`expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
};

/** Makes everything over HTTP with the management application's token. `client` is laid over the client's fields. */
export async function setScene(app: App, client: Record<string, unknown> = {}): Promise<Scene> {
  const admin = api(app, await adminToken(app));
  const tag = randomBytes(4).toString('hex');
  const resource = await admin.post('/v1/resources', {
    name: 'Orders',
    uri: `https://orders-${tag}.example.com`,
    access_token_ttl: 600,
    refresh_token_ttl: 1200,
    max_refresh_rotate: 3600,
  });
  must(resource, 201);
  const application = await admin.post('/v1/applications', {
    app_name: `Shop ${tag}`,
    client_display_name: 'Shop',
    first_client: {
      name: 'Shop web',
      redirect_uris: [REDIRECT_URI],
      resources: [resource.body.result.resource_id],
      ...client,
    },
  });
  must(application, 201);
  const { app_id: appId, client_id: clientId, client_secret: clientSecret } = application.body.result;
  const person = {
    identifier: `person-${tag}@example.com`,
    password: `Aa1!${randomBytes(12).toString('base64url')}`,
  };
  const user = await admin.post('/v1/users', {
    email: person.identifier,
    credentials: { password: person.password, force_replace: false },
  });
  must(user, 201);
  return {
    appId,
    clientId,
    clientSecret,
    resource: { resourceId: resource.body.result.resource_id, uri: resource.body.result.uri },
    person: { ...person, userId: user.body.result.user_id },
    rp: await RelyingParty.discover(app, { clientId, clientSecret, redirectUri: REDIRECT_URI }),
  };
}
