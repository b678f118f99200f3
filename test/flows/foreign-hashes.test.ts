/** Users who bring the password hashes of another system: imported by command line, signed in on the hosted page (issue 4). */
import pg from 'pg';
import { fromJsonLines, jsonLines, tesseraReading } from '../support/command-line.ts';
import { Deployments } from '../support/deployments.ts';
import { policyStorages } from '../support/engines.ts';
import { FOREIGN_HASHES } from '../support/foreign-hashes.ts';
import { type Scene, setScene } from '../support/scene.ts';
import type { App } from '../support/start-app.ts';

const emailOf = (at: number): string => `u${at}@import.example`;
const PATIENCE_MS = 240_000;

describe.each(policyStorages)('sign-in with the hash of another system ($name)', ({ options }) => {
  const deployments = new Deployments(options);
  afterAll(() => deployments.discard());

  const list = (scene: Scene): string =>
    jsonLines(
      FOREIGN_HASHES.map(({ members }, at) => ({
        kind: 'user',
        email: emailOf(at),
        email_verified: true,
        applications: [{ app_id: scene.appId }],
        ...members,
      })),
    );
  const schemesIn = (exported: string): unknown[] =>
    fromJsonLines(exported)
      .filter(({ email }) => String(email).endsWith('@import.example'))
      .map(({ password_hash: hash }) => String(hash).split('$')[1]);

  it(
    'opens the door once as it is, is Argon2id from then on, and stays that when the old file comes again',
    async () => {
      const started = await deployments.open();
      const scene = await setScene(started);
      const first = await deployments.offline(started, () =>
        tesseraReading(started, ['import'], list(scene)),
      );
      expect([first.result.code, first.result.stdout]).toEqual([
        0,
        expect.stringContaining(`user: ${FOREIGN_HASHES.length} created`),
      ]);
      const wrong = { identifier: emailOf(3), password: `${FOREIGN_HASHES[3]?.password}x` };
      await expect(scene.rp.signIn(first.app, wrong)).rejects.toThrow('sign-in ended');
      for (const [at, { name, password }] of FOREIGN_HASHES.entries()) {
        const tokens = await scene.rp.signIn(first.app, { identifier: emailOf(at), password });
        expect([name, tokens.claims()?.sub]).toEqual([name, expect.any(String)]);
      }
      const { app, result } = await deployments.offline(first.app, async () => ({
        exported: await tesseraReading(started, ['export', '--only', 'users']),
        again: await tesseraReading(started, ['import'], list(scene)),
        after: await tesseraReading(started, ['export', '--only', 'users']),
      }));
      expect(schemesIn(result.exported.stdout)).toEqual(FOREIGN_HASHES.map(() => 'argon2id'));
      expect(result.again.stdout).toContain(`0 created, 0 updated, ${FOREIGN_HASHES.length} unchanged`);
      expect(schemesIn(result.after.stdout)).toEqual(FOREIGN_HASHES.map(() => 'argon2id'));
      for (const at of [0, 3, 6])
        await scene.rp.signIn(app, {
          identifier: emailOf(at),
          password: FOREIGN_HASHES[at]?.password ?? '',
        });
      await expectTooCostlyToFail(app, scene);
    },
    PATIENCE_MS,
  );

  /** The embedded database cannot be written to from outside. */
  async function expectTooCostlyToFail(app: App, scene: Scene): Promise<void> {
    if (app.env.DATABASE_URL === undefined) return;
    const client = new pg.Client({ connectionString: app.env.DATABASE_URL });
    await client.connect();
    await client.query("update users set password_hash = '$2b$31$' || repeat('a', 53) where email = $1", [
      emailOf(3),
    ]);
    await client.end();
    const person = { identifier: emailOf(3), password: FOREIGN_HASHES[3]?.password ?? '' };
    await expect(scene.rp.signIn(app, person)).rejects.toThrow('sign-in ended');
  }
});
