/** Pages of users without their custom data: the same users in the same order, less what nobody will see. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scimMember } from '../../src/admin/scim-user.ts';
import { EMAIL } from '../../src/users/user-attributes.ts';
import { UserListStore, type UserPageQuery } from '../../src/users/user-list-store.ts';
import { UserStore } from '../../src/users/user-store.ts';
import { type EmbeddedTenant, embeddedTenant } from '../support/embedded-tenant.ts';

describe('a page of users without custom data', () => {
  let tenant: EmbeddedTenant;
  beforeAll(async () => {
    tenant = await embeddedTenant();
    const store = new UserStore(tenant.db);
    for (const name of ['a', 'b']) {
      const user = await tenant.addUser(`${name}@example.com`, 'hash');
      await store.update(user, { profile: { language: 'nl', custom_data: { large: name } } });
      await store.putMembership(user, tenant.appId, { username: name, customAppData: { large: name } });
    }
  });
  afterAll(() => tenant?.close());

  const page: UserPageQuery = { offset: 0, limit: 10, sortField: 'created_at', sortOrder: 'asc' };
  it.each<[string, UserPageQuery]>([
    ['in the order of an index', page],
    ['sorted downwards by what may be absent', { ...page, sortField: 'email', sortOrder: 'desc' }],
    ['sorted downwards by what everybody lacks', { ...page, sortField: 'last_auth', sortOrder: 'desc' }],
    ['found by a prefix', { ...page, prefix: 'a@' }],
    ['found by a filter', { ...page, filter: { op: 'sw', attribute: EMAIL, value: 'b' } }],
  ])('is the page with it, less that: %s', async (_how, query) => {
    const store = new UserListStore(tenant.db);
    const { tenantId, appId } = tenant;
    for (const within of [{ tenantId, appId }, { tenantId }]) {
      const whole = await store.page(within, query);
      const bare = await store.page(within, { ...query, withoutCustomData: true });
      expect(JSON.stringify(whole)).toContain('"large"');
      expect(JSON.stringify(bare)).not.toContain('large');
      // Down to the order of members: versions are made of them.
      expect(JSON.stringify(bare)).toBe(JSON.stringify(whole.map(scimMember)));
    }
  });
});
