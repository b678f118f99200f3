/** Every row of the management API under requests made at random (fast-check): no 5xx, no hang, no change after a refusal. */
import fc from 'fast-check';
import { replyFault, send } from '../support/bad-input.ts';
import { databaseFingerprint, type Fingerprint } from '../support/database-fingerprint.ts';
import { type StorageOptions, storages } from '../support/engines.ts';
import { requestsTo } from '../support/fuzz.ts';
import { goodBodyOf } from '../support/good-bodies.ts';
import { adminToken, api, clientToken } from '../support/management.ts';
import { managementRows, parametersOf } from '../support/routes.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

type Row = (typeof managementRows)[number];
const named = managementRows.map((row) => [`${row.method.toUpperCase()} ${row.path}`, row] as const);
const RUNS = 12;

/** Real ids get a request past the look-up; a deletion must not take the scene away from those that follow. */
function idsFor(row: Row, scene: Scene, made: Readonly<Record<string, string>>): Record<string, string> {
  const all: Record<string, string> = {
    appId: scene.appId,
    clientId: scene.clientId,
    user_id: scene.person.userId,
    userId: scene.person.userId,
    resourceId: scene.resource.resourceId,
    ...made,
  };
  if (row.method !== 'delete') return all;
  const inner = row.path.endsWith('s') ? [] : parametersOf(row.path).slice(0, -1);
  return Object.fromEntries(inner.flatMap((name) => (all[name] ? [[name, all[name]]] : [])));
}

// Where Postgres is there the whole database is compared; the embedded one belongs to the running process.
const storage = storages.find(({ name }) => name === 'postgres') ?? storages[0];
if (!storage) throw new Error('there is always the embedded storage');

describe(`the management API under random requests (${storage.name})`, () => {
  let options: StorageOptions;
  let app: App;
  let scene: Scene;
  let tokens: Record<string, string>;
  let made: Record<string, string>;
  let fingerprint: Fingerprint | undefined;
  beforeAll(async () => {
    options = await storage.options();
    app = await startApp(options);
    scene = await setScene(app);
    tokens = {
      admin: await adminToken(app),
      client: await clientToken(app, scene),
      user: (await scene.rp.signIn(app, scene.person)).access_token,
    };
    const admin = api(app, tokens.admin);
    const group = await admin.post('/v1/groups', { name: 'Fuzzed' });
    const organization = await admin.post('/v1/organizations', { name: 'Fuzzed', app_ids: [scene.appId] });
    made = {
      group_id: group.body.result.group_id,
      organization_id: organization.body.result.organization_id,
      member_id: scene.person.userId,
    };
    await admin.post(`/v1/organizations/${made.organization_id}/members`, { user_id: scene.person.userId });
    if (options.databaseUrl) fingerprint = await databaseFingerprint(options.databaseUrl);
  });
  afterAll(async () => {
    await fingerprint?.close();
    await app?.discard();
    await options?.release();
  });

  it.each(named)(
    '%s answers, never with 5xx, and a refusal changes nothing',
    async (_, row) => {
      const kind = row.tokens.includes('admin') ? 'admin' : row.tokens[0];
      const authorization = `Bearer ${tokens[kind ?? 'admin']}`;
      let before = await fingerprint?.take();
      let asked = 0;
      await fc.assert(
        fc.asyncProperty(
          requestsTo(row, { ids: idsFor(row, scene, made), good: goodBodyOf(row) }),
          async (request) => {
            const reply = await send(app, { ...request, headers: { ...request.headers, authorization } });
            asked++;
            const fault = replyFault(request.path, reply);
            if (fault !== undefined) throw new Error(`${fault}: ${reply.status} ${reply.text.slice(0, 300)}`);
            const after = await fingerprint?.take();
            if (reply.status >= 400) expect(after).toEqual(before);
            before = after;
          },
        ),
        { numRuns: RUNS, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true, endOnFailure: true },
      );
      expect(asked).toBeGreaterThanOrEqual(RUNS);
    },
    90_000,
  );
});
