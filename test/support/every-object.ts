/** One object of every kind that the management API knows, made over HTTP, and where a path names it. */
import { randomBytes } from 'node:crypto';
import type { Row } from '../../src/http/route.ts';
import type { Api } from './management.ts';
import { filled } from './routes.ts';
import type { Scene } from './scene.ts';

/** Ids by path parameter; those whose meaning depends on the path are under `path parameter`. */
export type ObjectIds = Readonly<Record<string, string>>;

const must = (answer: { status: number; body: unknown }): Record<string, never> => {
  if (answer.status > 299) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as Record<string, never>;
};

/** Makes what `setScene` has not made, with an admin token. */
export async function everyObject(admin: Api, scene: Scene): Promise<ObjectIds> {
  const tag = randomBytes(4).toString('hex');
  const at = `/v1/applications/${scene.appId}`;
  const result = async (path: string, body: unknown): Promise<Record<string, string>> =>
    must(await admin.post(path, body)).result ?? {};
  const role = await result(`${at}/roles`, { role_name: `clerk ${tag}` });
  const clientRole = await result('/v1/roles', { role_name: `reader ${tag}`, permissions: ['apps:read'] });
  const roleGroup = await result(`${at}/role-groups`, { name: `clerks ${tag}` });
  must(
    await admin.post(`${at}/roles/${role.role_id}/assignments`, {
      entity_ids: [scene.person.userId],
      entity_type: 'User',
    }),
  );
  const group = await result('/v1/groups', { name: `staff ${tag}` });
  const organization = await result('/v1/organizations', {
    name: `Acme ${tag}`,
    domain: `${tag}.example.com`,
    app_ids: [scene.appId],
  });
  must(
    await admin.post(`/v1/organizations/${organization.organization_id}/members`, {
      user_id: scene.person.userId,
    }),
  );
  const provider = await result('/v1/serviceprovider/saml2', {
    name: `SP ${tag}`,
    assertion_consumer_service_URL: 'https://sp.example.com/acs',
    entity_id: `https://sp-${tag}.example.com`,
  });
  const policy = await result('/v1/sso-service/policies', {
    name: `SSO ${tag}`,
    rules: { methods: ['password'] },
  });
  const ssoGroup = await result('/v1/sso-service/sso-group', {
    name: `SSO ${tag}`,
    configuration: { journey: 'default' },
  });
  const [secret] = must(await admin.get(`${at}/clients/${scene.clientId}/secrets`)) as unknown as {
    id: string;
  }[];
  return {
    appId: scene.appId,
    clientId: scene.clientId,
    secretId: secret?.id ?? '',
    resourceId: scene.resource.resourceId,
    user_id: scene.person.userId,
    userId: scene.person.userId,
    entityId: scene.person.userId,
    email: scene.person.identifier,
    roleId: role.role_id ?? '',
    '/v1/roles roleId': clientRole.role_id ?? '',
    groupId: roleGroup.group_id ?? '',
    '/v1/sso-service groupId': ssoGroup.app_id ?? '',
    policyId: policy.policy_id ?? '',
    group_id: group.group_id ?? '',
    organization_id: organization.organization_id ?? '',
    organization_name: `Acme ${tag}`,
    member_id: scene.person.userId,
    serviceProviderId: provider.service_provider_id ?? '',
  };
}

/** The path of this row to these objects; `none` in place of what there is none of. */
export const pathTo = (row: Row, ids: ObjectIds): string => {
  const special = Object.keys(ids).find(
    (key) => key.includes(' ') && row.path.startsWith(key.split(' ')[0] ?? ''),
  );
  return filled(row.path, (name) =>
    encodeURIComponent((special?.endsWith(` ${name}`) ? ids[special] : ids[name]) ?? 'none'),
  );
};
