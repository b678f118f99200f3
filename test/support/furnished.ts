/** A deployment with at least one object of every kind that moves, made over HTTP. */
import { everyObject, type ObjectIds } from './every-object.ts';
import { type Api, adminToken, api, clientToken } from './management.ts';
import { setPasswordMethod } from './password-method.ts';
import { type Scene, setScene } from './scene.ts';
import type { App } from './start-app.ts';
import { addThirdParty, decide, reachConsent } from './third-party.ts';

/** Theirs before the present one; the application forbids it for ever after. */
export const FORMER_PASSWORD = 'Former-Horse-6-Battery';
export const MOVED_PERSON = { identifier: 'moved', password: 'Correct-Horse-7-Battery' };
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

export interface Furnished {
  readonly scene: Scene;
  readonly ids: ObjectIds;
  readonly userId: string;
  readonly samlClientId: string;
  readonly management: { readonly clientId: string; readonly clientSecret: string };
}

const must = (answer: { status: number; body: unknown }): Record<string, string> => {
  if (answer.status > 299) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  const { result = answer.body } = (answer.body ?? {}) as { result?: unknown };
  return result as Record<string, string>;
};

export async function furnish(app: App): Promise<Furnished> {
  const scene = await setScene(app);
  const token = await adminToken(app);
  const admin = api(app, token);
  const ids = await everyObject(admin, scene);
  const own = api(app, await clientToken(app, scene));
  await setPasswordMethod(app, scene, { blockPreviousPasswords: 2 });
  const person = must(
    await own.post('/v1/users', {
      email: 'moved@example.com',
      username: MOVED_PERSON.identifier,
      credentials: { password: FORMER_PASSWORD, force_replace: false },
      name: { first_name: 'Ada' },
      custom_data: { a: [1, { b: 2 }] },
      secondary_emails: ['second@example.com'],
    }),
  );
  must(
    await own.put(`/v1/users/${person.user_id}/password`, {
      password: MOVED_PERSON.password,
      force_replace: false,
    }),
  );
  for (const by of [own, admin])
    must(
      await by.post('/v1/users', {
        email: `child-of-${by === own ? 'one' : 'all'}@example.com`,
        delegated_access: { actor_id: person.user_id, permissions: ['orders:read'] },
      }),
    );
  await tieRoles(admin, scene, ids);
  await tieOrganization(app, token, scene, ids);
  await consent(app, scene);
  const saml = must(
    await admin.post(`/v1/applications/${scene.appId}/clients`, {
      authentication_protocol: 'saml',
      name: 'Wiki',
      sp_entity_id: 'https://wiki.example.com',
      sp_acs_url: 'https://wiki.example.com/acs',
      resources: [scene.resource.resourceId],
    }),
  );
  must(
    await admin.put(`/v1/organizations/${ids.organization_id}/identity-provider`, {
      entity_id: 'https://idp.example.com/metadata',
      sso_url: 'https://idp.example.com/sso',
      certificates: [saml.x509_certificate],
    }),
  );
  await rollOver(admin, `/v1/applications/${scene.appId}/clients/${saml.client_id}/saml-certificates`);
  must(
    await admin.put(`/v1/applications/${scene.appId}`, {
      service_providers: [ids.serviceProviderId],
      logo: 'data:image/png;base64,AAAA',
      custom_domain: 'id.shop.example.com',
      hosted_login: { primary_color: '#123456', identifiers: ['username', 'email'], mfa: 'off' },
      authenticator_preferences: { is_centralized: true, login_uri: '' },
    }),
  );
  const policy = must(await admin.get(`/v1/sso-service/policies/${ids.policyId}`));
  must(
    await admin.put(`/v1/sso-service/sso-group/${ids['/v1/sso-service groupId']}`, {
      configuration: { journey: policy.name ?? '' },
    }),
  );
  const management = must(await admin.post('/v1/management/applications', { app_name: 'Pipeline' }));
  return {
    scene,
    ids,
    userId: person.user_id ?? '',
    samlClientId: saml.client_id ?? '',
    management: { clientId: management.client_id ?? '', clientSecret: management.client_secret ?? '' },
  };
}

/** Leaves a certificate of each status; the current one has an EC key. */
async function rollOver(admin: Api, certificates: string): Promise<void> {
  must(await admin.post(certificates, { key_type: 'p-256' }));
  must(await admin.post(`${certificates}/switch`));
  must(await admin.post(certificates));
}

async function tieRoles(admin: Api, { appId, clientId }: Scene, ids: ObjectIds): Promise<void> {
  const at = `/v1/applications/${appId}`;
  must(await admin.post(`${at}/role-groups/${ids.groupId}/roles/set`, { role_ids: [ids.roleId] }));
  for (const [entity_type, id] of [
    ['Group', ids.group_id],
    ['Application', appId],
  ])
    must(await admin.post(`${at}/roles/${ids.roleId}/assignments`, { entity_ids: [id], entity_type }));
  must(await admin.post(`/v1/groups/${ids.group_id}/users`, { user_ids: [ids.userId] }));
  // On a client beside the scene's: it may do no more than its roles permit.
  const limited = must(
    await admin.post(`${at}/clients`, { name: 'Limited', redirect_uris: ['https://l.example.com/cb'] }),
  );
  must(await admin.put(`${at}/clients/${limited.client_id}`, { role_ids: [ids['/v1/roles roleId']] }));
  if (clientId === limited.client_id) throw new Error('another client');
}

async function tieOrganization(app: App, token: string, { appId }: Scene, ids: ObjectIds): Promise<void> {
  const admin = api(app, token);
  const id = ids.organization_id;
  must(
    await admin.post(`/v1/applications/${appId}/organizations/${id}/roles-and-groups/set`, {
      role_ids: [ids.roleId],
      role_group_ids: [ids.groupId],
    }),
  );
  must(
    await admin.post(`/v1/applications/${appId}/organizations/${id}/members/${ids.userId}/roles`, {
      role_ids: [ids.roleId],
    }),
  );
  must(
    await admin.post(`/v1/organizations/${id}/applications/${appId}/managed-organizations`, {
      name: 'Branch',
    }),
  );
  const form = new FormData();
  form.set('logo', new Blob([new Uint8Array(GIF)]), 'logo.gif');
  const uploaded = await fetch(`${app.url}/v1/organizations/${id}/logo`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  if (uploaded.status > 299) throw new Error(`logo: ${uploaded.status}`);
}

async function consent(app: App, scene: Scene): Promise<void> {
  const party = await addThirdParty(app, scene, { allowed_scopes: ['email'] });
  const { browser, page } = await reachConsent(app, scene, party, { scope: 'openid email' });
  await decide(browser, page, 'allow');
}
