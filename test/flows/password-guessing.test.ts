/** Guessing passwords at the hosted sign-in: by one account, by many, at once, over nodes, restarts and addresses. */
import pg from 'pg';
import type { Page } from '../support/browser.ts';
import { Clock, MINUTE } from '../support/clock.ts';
import { describeOn, policyStorages, type StorageOptions } from '../support/engines.ts';
import { adminToken, api } from '../support/management.ts';
import { attempts, type Door, likeness, openDoor, setPasswordMethod } from '../support/password-method.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const WRONG = 'Wrong-password-1';
const wrong = (count: number): string[] => Array<string>(count).fill(WRONG);
const times = (count: number, status: number): number[] => Array<number>(count).fill(status);

/** Signs in with every password at the same moment, at the nodes in turn. */
async function allAtOnce(
  nodes: readonly App[],
  scene: Scene,
  count: number,
  passwordOf: (at: number) => string,
): Promise<Page[]> {
  const doors = await Promise.all(
    Array.from({ length: count }, (_, at) => openDoor(nodes[at % nodes.length] as App, scene)),
  );
  return Promise.all(doors.map((door, at) => door.attempt(scene.person.identifier, passwordOf(at))));
}
/** Signed in, or told when to try again without a verdict. */
const isInOrLater = ({ status, headers }: Page): boolean =>
  status === 0 || (status === 503 && Number(headers.get('retry-after')) > 0);

const middle = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

describe.each(policyStorages)('guessing one password (authentication.md 5, $name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  it('gets five guesses where the application sets nothing, then refuses even the right password', async () => {
    const other = await setScene(app);
    const { identifier, password } = other.person;
    const door = await openDoor(app, other);
    expect(await attempts(door, identifier, [...wrong(5), WRONG, password])).toEqual([
      ...times(5, 401),
      429,
      429,
    ]);
    const page = await (await openDoor(app, other)).attempt(identifier, password);
    expect(page.html).toContain('try again in 15 minutes');
    const seconds = Number(page.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(14 * MINUTE);
    expect(seconds).toBeLessThanOrEqual(15 * MINUTE);
  });

  it('answers an unknown user and a disabled one as it answers a known one, locked or not', async () => {
    const [known, disabled] = [await setScene(app), await setScene(app)];
    const admin = api(app, await adminToken(app));
    await admin.put(`/v1/users/${disabled.person.userId}`, { status: 'Disabled' });
    const seen = async (identifier: string, passwords: string[]): Promise<string[][]> => {
      const door = await openDoor(app, known);
      const pages: string[][] = [];
      for (const password of passwords) {
        const page = await door.attempt(identifier, password);
        const headers = [...page.headers.keys()].join();
        const text = likeness(page, identifier)
          .replace(String(door.page.forms[0]?.fields.csrf), 'CSRF')
          .replaceAll(/\/login\/[\w-]+/g, '/login/UID');
        pages.push([String(page.status), headers, text]);
      }
      return pages;
    };
    const expected = await seen(known.person.identifier, wrong(7));
    expect(expected.map(([status]) => status)).toEqual(['401', '401', '401', '401', '401', '429', '429']);
    expect(await seen('nobody-at-all@example.com', wrong(7))).toEqual(expected);
    expect(await seen('nobody-at-all', wrong(7))).toEqual(expected);
    const right = Array<string>(7).fill(disabled.person.password);
    expect(await seen(disabled.person.identifier, right)).toEqual(expected);
  });

  it('counts one user once, whichever identifier, spelling and application is used', async () => {
    const [there, here] = [await setScene(app), await setScene(app)];
    const admin = api(app, await adminToken(app));
    const { identifier, password, userId } = here.person;
    await admin.put(`/v1/users/${userId}`, { phone_number: '+15551230001' });
    const door = await openDoor(app, here);
    expect(await attempts(door, identifier.toUpperCase(), wrong(2))).toEqual([401, 401]);
    expect(await attempts(await openDoor(app, there), ` ${identifier} `, wrong(1))).toEqual([401]);
    expect(await attempts(door, '+15551230001', wrong(3))).toEqual([401, 401, 429]);
    expect(await attempts(door, identifier, [password])).toEqual([429]);
  });

  it('begins the count anew with the right password', async () => {
    const { identifier, password } = scene.person;
    for (const _round of [1, 2])
      expect(await attempts(await openDoor(app, scene), identifier, [...wrong(4), password])).toEqual([
        ...times(4, 401),
        0,
      ]);
  });

  it('lets people in who sign in thirty times at once, and locks nobody', async () => {
    const pages = await allAtOnce([app], scene, 30, () => scene.person.password);
    expect(pages.filter((page) => !isInOrLater(page))).toEqual([]);
    expect(
      await attempts(await openDoor(app, scene), scene.person.identifier, [scene.person.password]),
    ).toEqual([0]);
  });

  it('remembers a lock over a restart', async () => {
    const other = await setScene(app);
    const { identifier, password } = other.person;
    await attempts(await openDoor(app, other), identifier, wrong(5));
    await app.stop();
    const former = app;
    app = await startApp({ ...storage, like: former, port: former.port });
    expect(await attempts(await openDoor(app, other), identifier, [password])).toEqual([429]);
    expect(
      await attempts(await openDoor(app, scene), scene.person.identifier, [scene.person.password]),
    ).toEqual([0]);
  });
});

describeOn('postgres', 'postgres+redis')('guessing over two nodes ($name)', ({ options }) => {
  let storage: StorageOptions;
  let nodes: App[];
  let scene: Scene;
  let database: pg.Client;
  beforeAll(async () => {
    storage = await options();
    const first = await startApp(storage);
    nodes = [first, await startApp({ ...storage, like: first })];
    scene = await setScene(first);
    database = new pg.Client({ connectionString: String(storage.databaseUrl) });
    await database.connect();
  });
  afterAll(async () => {
    await database?.end();
    for (const node of nodes ?? []) {
      await node.stop();
      await node.discard();
    }
    await storage?.release();
  });
  const eventsOf = async (subject: string): Promise<string[]> => {
    const { rows } = await database.query(
      'select type from audit_events where subject = $1 and actor->>$2 = $3 order by event_id',
      [subject, 'kind', 'system'],
    );
    return rows.map((row) => row.type);
  };

  it('thirty right passwords at once lock nobody and are failures nowhere', async () => {
    const other = await setScene(nodes[0] as App);
    const pages = await allAtOnce(nodes, other, 30, () => other.person.password);
    expect(pages.filter((page) => !isInOrLater(page))).toEqual([]);
    expect(pages.filter(({ status }) => status === 0).length).toBeGreaterThan(5);
    expect(await eventsOf(other.person.userId)).toEqual([]);
  });

  it('fifty parallel guesses get five answers, the right one among the fifty none', async () => {
    const { identifier, password, userId } = scene.person;
    const doors = await Promise.all(nodes.map((node) => openDoor(node, scene)));
    const pages = await Promise.all(
      Array.from({ length: 50 }, (_, at) => (doors[at % 2] as Door).attempt(identifier, `${WRONG}${at}`)),
    );
    const statuses = pages.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toEqual(times(5, 401));
    // What waited too long for the five was not checked either.
    expect(statuses.filter((status) => ![401, 429, 503].includes(status))).toEqual([]);
    expect(await attempts(doors[1] as Door, identifier, [password])).toEqual([429]);
    expect((await eventsOf(userId)).sort()).toEqual([
      'user.locked_out',
      ...Array(5).fill('user.sign_in_failed'),
    ]);
  });

  it('leaves no identifier in the table of counts', async () => {
    const door = await openDoor(nodes[0] as App, scene);
    await attempts(door, 'somebody-unknown@example.com', wrong(2));
    const { rows } = await database.query('select * from failure_counts');
    expect(rows.length).toBeGreaterThan(1);
    for (const { key } of rows) expect(key).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(rows)).not.toContain('somebody');
    expect((await eventsOf('unknown')).length).toBe(2);
  });
});

describe('guessing over time', () => {
  const clock = new Clock();
  let app: App;
  let scene: Scene;
  beforeAll(async () => {
    app = await startApp({ clock });
    scene = await setScene(app);
    await setPasswordMethod(app, scene, {
      failuresExpireIn: 30,
      lockoutTiers: [
        { attempts: 5, duration: 10 },
        { attempts: 3, duration: 1 },
      ],
    });
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    clock.remove();
  });
  const later = async (seconds: number, passwords: string[], at = scene): Promise<number[]> => {
    clock.advance(seconds);
    return attempts(await openDoor(app, at), at.person.identifier, passwords);
  };

  it('locks longer from tier to tier, and for the last one again and again (lockoutTiers)', async () => {
    const { password } = scene.person;
    expect(await later(0, wrong(4))).toEqual([401, 401, 401, 429]);
    expect(await later(MINUTE + 1, wrong(3))).toEqual([401, 401, 429]);
    expect(await later(MINUTE + 1, [password])).toEqual([429]);
    expect(await later(9 * MINUTE, wrong(3))).toEqual([401, 401, 429]);
    expect(await later(9 * MINUTE, [password])).toEqual([429]);
    expect(await later(MINUTE + 1, [password])).toEqual([0]);
  });

  it('forgets failures after failuresExpireIn', async () => {
    const { password } = scene.person;
    expect(await later(0, wrong(2))).toEqual([401, 401]);
    expect(await later(30 * MINUTE + 1, [...wrong(2), password])).toEqual([401, 401, 0]);
  });

  it('takes the older settings where there are no tiers', async () => {
    const other = await setScene(app);
    await setPasswordMethod(app, other, { maxPasswordFailures: 2, passwordSuspensionDuration: 3 });
    expect(await later(0, wrong(3), other)).toEqual([401, 401, 429]);
    expect(await later(3 * MINUTE + 1, [other.person.password], other)).toEqual([0]);
  });

  it('asks for a new password when the old one has served its days (passwordExpiresIn)', async () => {
    const [strict, patient] = [await setScene(app), await setScene(app)];
    await setPasswordMethod(app, strict, { passwordExpiresIn: 30 });
    await setPasswordMethod(app, patient, { passwordExpiresIn: 30, ignoreExpiration: true });
    const day = 24 * 60 * MINUTE;
    expect(await later(29 * day, [strict.person.password], strict)).toEqual([0]);
    // The page that asks for another one; nobody is signed in.
    expect(await later(day, [WRONG, strict.person.password], strict)).toEqual([401, 200]);
    expect(await later(0, [patient.person.password], patient)).toEqual([0]);
    const page = await (await openDoor(app, strict)).attempt(
      strict.person.identifier,
      strict.person.password,
    );
    expect([page.url.pathname.split('/').at(-1), page.html.includes('Change your password')]).toEqual([
      'change-password',
      true,
    ]);
  });

  it('asks for a new password in place of a temporary one, and takes none that is too old', async () => {
    const other = await setScene(app);
    await setPasswordMethod(app, other, { tempPasswordValidityHours: 2 });
    const password = 'Temporary-Horse-7';
    const give = async (more: Record<string, unknown>): Promise<number> => {
      const admin = api(app, await adminToken(app));
      return (await admin.put(`/v1/users/${other.person.userId}/password`, { password, ...more })).status;
    };
    expect(await give({})).toBe(200);
    expect(await later(119 * MINUTE, [WRONG, other.person.password, password], other)).toEqual([
      401, 401, 200,
    ]);
    expect(await later(MINUTE, [password], other)).toEqual([401]);
    expect(await give({ force_replace: false })).toBe(200);
    expect(await later(180 * MINUTE, [password], other)).toEqual([0]);
  });
});

describe('guessing many accounts from one address', () => {
  let app: App;
  let scene: Scene;
  beforeAll(async () => {
    app = await startApp({
      env: { SIGN_IN_FAILURES_PER_ADDRESS: '6', TRUSTED_PROXIES: '127.0.0.1,::1' },
    });
    scene = await setScene(app);
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
  });
  /** Status of a sign-in that a proxy reports from this address. */
  async function from(address: string, identifier: string, password: string): Promise<number> {
    const { browser, page } = await openDoor(app, scene);
    const form = page.forms[0];
    const url = new URL(form?.action ?? '');
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        cookie: browser.cookies.headerFor(url),
        origin: url.origin,
        'x-forwarded-for': address,
      },
      body: new URLSearchParams({ ...form?.fields, identifier, password }),
    });
    await answer.arrayBuffer();
    return answer.status;
  }
  const spray = async (addresses: string[]): Promise<number[]> => {
    const statuses: number[] = [];
    for (const [at, address] of addresses.entries())
      statuses.push(await from(address, `target-${at}@example.com`, WRONG));
    return statuses;
  };

  it('ends with the limit, for everybody there and for nobody elsewhere; right passwords do not count', async () => {
    const { identifier, password } = scene.person;
    for (let round = 0; round < 7; round++) expect(await from('192.0.2.7', identifier, password)).toBe(303);
    expect(await spray(Array<string>(5).fill('192.0.2.7'))).toEqual(times(5, 401));
    // A right one in between clears the count of the account, not that of the address.
    expect(await from('192.0.2.7', identifier, password)).toBe(303);
    expect(await from('192.0.2.7', 'another@example.com', WRONG)).toBe(401);
    expect(await from('192.0.2.7', identifier, password)).toBe(429);
    expect(await from('192.0.2.8', identifier, password)).toBe(303);
  });

  it('takes the addresses of one IPv6 network (/64) as one', async () => {
    const hosts = Array.from({ length: 6 }, (_, at) => `2001:db8:1:2:${at}::1`);
    expect(await spray(hosts)).toEqual(times(6, 401));
    expect(await from('2001:db8:1:2:ffff::9', scene.person.identifier, scene.person.password)).toBe(429);
    expect(await from('2001:db8:1:3::9', scene.person.identifier, scene.person.password)).toBe(303);
  });
});

describe('the time of a refusal', () => {
  let app: App;
  let scene: Scene;
  beforeAll(async () => {
    app = await startApp({ env: { SIGN_IN_FAILURES_PER_ADDRESS: '0' } });
    scene = await setScene(app);
    await setPasswordMethod(app, scene, { lockoutTiers: [{ attempts: 10_000, duration: 1 }] });
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
  });

  it('is the same for a known, an unknown and a disabled user', async () => {
    const disabled = await setScene(app);
    const admin = api(app, await adminToken(app));
    await admin.put(`/v1/users/${disabled.person.userId}`, { status: 'Disabled' });
    const known = scene.person.identifier;
    const who = [known, 'nobody-at-all@example.com', disabled.person.identifier];
    const door = await openDoor(app, scene);
    const spent = new Map<string, number[]>(who.map((one) => [one, []]));
    // In turns: whatever else the machine does, it does to all of them.
    for (let round = 0; round < 45; round++)
      for (const identifier of who) {
        const start = performance.now();
        expect((await door.attempt(identifier, WRONG)).status).toBe(401);
        if (round >= 5) spent.get(identifier)?.push(performance.now() - start);
      }
    const [reference = 0, ...others] = who.map((one) => middle(spent.get(one) ?? []));
    for (const other of others) {
      expect(other / reference).toBeGreaterThan(0.6);
      expect(other / reference).toBeLessThan(1.7);
    }
  });
});
