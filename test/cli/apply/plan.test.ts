/** The planner: what is done in which order, and what is refused, without a server. */
import { Faults } from '../../../src/cli/apply/faults.ts';
import type { Existing, Inventory } from '../../../src/cli/apply/inventory.ts';
import { kindOf } from '../../../src/cli/apply/kinds.ts';
import { Names } from '../../../src/cli/apply/names.ts';
import { type PlanOptions, planOf } from '../../../src/cli/apply/plan.ts';
import { planJson, planText, titleOf } from '../../../src/cli/apply/plan-text.ts';
import { readWish } from '../../../src/cli/apply/read-wish.ts';
import { scopeKey } from '../../../src/cli/apply/wish.ts';
import { parseText } from '../../../src/cli/apply/yaml-text.ts';

const wishOf = (text: string) => readWish(parseText('t.yaml', `tessera: 1\n${text}`));

function on(section: string, members: Record<string, unknown>, application?: string): Existing {
  const kind = kindOf(section);
  const [id, name] = [String(members[kind.id]), String(members[kind.key])];
  return {
    kind,
    id,
    name,
    members,
    shown: members,
    appId: 'a1',
    ...(application !== undefined && { application }),
  };
}
function server(...objects: Existing[]): Inventory {
  const lists = Map.groupBy(objects, ({ kind, application }) => scopeKey(kind.section, application));
  return { lists, names: new Names() };
}
function plan(text: string, inventory: Inventory, options: Partial<PlanOptions> = {}) {
  return planOf(wishOf(text), inventory, { prune: false, callingClientId: 'me', ...options });
}
const lines = (steps: ReturnType<typeof plan>): string[] =>
  steps.map((step) => `${step.action} ${titleOf(step)}`);

const SHOP = `
applications:
  - app_name: Shop
    clients:
      - { name: Web, redirect_uris: [], resources: ["https://r.example.com"], role_ids: [reader] }
    role_groups: [{ name: staff, roles: [clerk] }]
    roles: [{ role_name: clerk }]
client_roles: [{ role_name: reader }]
resources:
  - { uri: "https://r.example.com", name: R, access_token_ttl: 1, refresh_token_ttl: 1, max_refresh_rotate: 1 }
`;

describe('the plan', () => {
  it('makes first what others point to, however the file is sorted', () => {
    expect(lines(plan(SHOP, server()))).toEqual([
      'create resource https://r.example.com',
      'create client role "reader"',
      'create application "Shop"',
      'create client "Web" of application "Shop"',
      'create role "clerk" of application "Shop"',
      'create role group "staff" of application "Shop"',
    ]);
  });

  it('deletes the other way round, after everything else, within the lists of the file', () => {
    const inventory = server(
      on('resources', { resource_id: 'r', uri: 'https://old.example.com' }),
      on('client_roles', { role_id: 'cr', role_name: 'reader' }),
      on('applications', { app_id: 'a1', app_name: 'Shop' }),
      on('applications', { app_id: 'a2', app_name: 'Other' }),
      on('roles', { role_id: 'ro', role_name: 'old' }, 'Shop'),
    );
    const text = 'resources: []\napplications: [{ app_name: Shop, roles: [{ role_name: new }] }]\n';
    expect(lines(plan(text, inventory))).toEqual(['create role "new" of application "Shop"']);
    expect(lines(plan(text, inventory, { prune: true }))).toEqual([
      'create role "new" of application "Shop"',
      'delete role "old" of application "Shop"',
      'delete application "Other"',
      'delete resource https://old.example.com',
    ]);
  });

  it('never deletes the calling client, nor the application that it is the client of', () => {
    const inventory = server(
      on('applications', { app_id: 'a1', app_name: 'Shop' }),
      on('applications', { app_id: 'a2', app_name: 'Mine', client_id: 'me' }),
      on('clients', { client_id: 'me', name: 'Me' }, 'Shop'),
      on('clients', { client_id: 'you', name: 'You' }, 'Shop'),
    );
    const steps = plan('applications: [{ app_name: Shop, clients: [] }]\n', inventory, { prune: true });
    expect(lines(steps)).toEqual(['delete client "You" of application "Shop"']);
  });

  it('reports all references to nothing together', () => {
    const text = SHOP.replace('[reader]', '[writer]').replace('[clerk]', '[clerk, boss]');
    expect(() => plan(text, server())).toThrow(
      new Faults(
        't.yaml:6:90: unknown client role "writer"; it is neither in the file nor on the server',
        't.yaml:7:49: unknown role "boss"; it is neither in the file nor on the server',
      ),
    );
  });

  it('knows a role of the same application only', () => {
    const elsewhere = on('roles', { role_id: 'x', role_name: 'boss' }, 'Other');
    expect(() => plan(SHOP.replace('[clerk]', '[boss]'), server(elsewhere))).toThrow(/unknown role "boss"/);
  });
});

describe('the plan as a text', () => {
  it('shows no value that may be secret: named like one, or part of a private key', () => {
    const text = `
groups:
  - name: G
    custom_data: { api_key: hush-1, inner: { client_secret: hush-2, count_of_secrets: 2 }, key: { kty: RSA, n: shown, d: hush-3 } }
`;
    for (const shown of [planText(plan(text, server()), 'plan'), planJson(plan(text, server()))]) {
      expect(shown).toContain('shown');
      expect(shown).toContain('(hidden)');
      expect(shown).not.toContain('hush');
    }
  });

  it('lets no name of somebody else steer the terminal', () => {
    const steps = plan('groups: [{ name: "\\e[2J\\u202Eevil\\nline" }]\n', server());
    expect(planText(steps, 'plan')).toBe('+ create group "\\u001b[2J\\u{202e}evil\\nline"');
  });

  it('shortens values that nobody reads to the end', () => {
    const steps = plan(`groups: [{ name: G, description: "${'x'.repeat(4000)}" }]\n`, server());
    expect(planText(steps, 'plan').length).toBeLessThan(500);
    expect(planText(steps, 'plan')).toContain('(4002 characters)');
  });
});
