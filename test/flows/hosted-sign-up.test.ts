/** Signing up on the hosted pages: nobody is made before the contact is confirmed (contract/authentication.md 2; oidc.md 3.1). */
import { Browser } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { alertOf, HostedScene, headingOf, likeness, type Walk } from '../support/hosted-login.ts';
import { type App, startApp } from '../support/start-app.ts';

const GOOD = 'A-very-Good-Pass-1';
const PER_HOUR = 40;

describe.each(policyStorages)('sign-up on the hosted pages ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let open: HostedScene;
  let count = 0;
  beforeAll(async () => {
    storage = await options();
    app = await startApp({ ...storage, env: { SIGN_UPS_PER_ADDRESS: String(PER_HOUR) } });
    open = await HostedScene.set(app, { allow_public_signup: true });
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const newEmail = () => `new-${++count}-${Date.now()}@example.com`;
  const newPhone = () => `+4479${String(Date.now()).slice(-6)}${String(++count).padStart(2, '0')}`;
  const start = async (hosted = open, parameters = {}) =>
    (await hosted.begin(parameters)).send({ action: 'sign-up' });
  const userWith = async (email: string): Promise<Record<string, unknown> | undefined> => {
    const query = new URLSearchParams({ identifier_name: 'email', identifier_value: email });
    const { status, body } = await open.admin.get(`/v1/users/identifier?${query}`);
    return status === 200 ? (body.result ?? body) : undefined;
  };
  const emailOf = async (email: string) => (await userWith(email))?.email;

  it('makes a user whose address is confirmed, signs in, and takes the password from then on', async () => {
    const [email, walk] = [newEmail(), await start()];
    expect([walk.step, headingOf(walk.page)]).toEqual(['sign-up', 'Create your account']);
    await walk.send({ email: ` ${email.toUpperCase()} `, password: GOOD });
    expect([walk.step, headingOf(walk.page)]).toEqual(['sign-up-code', 'Confirm that it is yours']);
    expect(await userWith(email)).toBeUndefined();
    expect((await walk.send({ code: '000000' })).page.status).toBe(401);
    expect(await userWith(email)).toBeUndefined();
    await walk.send({ code: await open.lastCodeTo(email) });
    const claims = await walk.claims();
    expect(claims).toMatchObject({ amr: ['eotp'], sub: (await userWith(email))?.user_id });
    expect(await emailOf(email)).toMatchObject({ email_verified: true });
    const again = await (await open.begin()).send({ identifier: email, password: GOOD });
    expect(await again.claims()).toMatchObject({ sub: claims.sub, amr: ['pwd'] });
  });

  it('says everything that is wrong at once, keeps what was typed, and sends nothing', async () => {
    await open.configure({ hosted_login: { sign_up_fields: ['first_name', 'birthday', 'phone_number'] } });
    const typed = { email: 'no-address', first_name: 'Ada', birthday: '1990-02-30', phone_number: '123' };
    const walk = await (await start()).send({ ...typed, password: 'short' });
    expect(walk.page.status).toBe(400);
    const items = [...alertOf(walk.page).matchAll(/<li>([^<]*)/g)].map(([, text]) => text);
    expect(items).toEqual([
      expect.stringMatching(/valid email/),
      expect.stringMatching(/date that exists/),
      expect.stringMatching(/country code/),
      expect.stringMatching(/at least 14/),
      expect.stringMatching(/4 of: lower case/),
    ]);
    expect(walk.page.html).toMatch(/<input id="email"[^>]*aria-invalid="true" autofocus/);
    expect(walk.page.html).toContain('value="Ada"');
    expect(walk.page.html).not.toContain('value="short"');
    await open.configure({ hosted_login: {} });
  });

  it('confirms every contact that is given, each by its own code', async () => {
    const fields = { sign_up_fields: ['first_name', 'last_name', 'birthday', 'phone_number'] };
    const hosted = await HostedScene.set(app, { allow_public_signup: true, hosted_login: fields });
    const [email, phone_number] = [newEmail(), newPhone()];
    const walk = await start(hosted);
    const profile = { first_name: 'Ada', last_name: 'Lovelace', birthday: '1990-12-10' };
    await walk.send({ email, phone_number, password: GOOD, ...profile });
    await walk.send({ code: await hosted.lastCodeTo(email) });
    expect([walk.step, walk.page.html.includes(phone_number)]).toEqual(['sign-up-code', true]);
    expect(await userWith(email)).toBeUndefined();
    await walk.send({ code: await hosted.lastCodeTo(phone_number) });
    expect(await walk.claims()).toMatchObject({ amr: ['eotp'] });
    expect(await userWith(email)).toMatchObject({
      email: { value: email, email_verified: true },
      phone_number: { value: phone_number, phone_number_verified: true },
      name: { first_name: 'Ada', last_name: 'Lovelace' },
      birthday: '1990-12-10',
    });
  });

  it('takes a phone number or a username where the application has those, and asks no password where none is used', async () => {
    const byPhone = { identifiers: ['phone_number'], primary_method: 'sms_otp' };
    const hosted = await HostedScene.set(app, { allow_public_signup: true, hosted_login: byPhone });
    const phone = newPhone();
    const walk = await start(hosted);
    expect(walk.page.html).not.toContain('type="password"');
    await walk.send({ phone_number: phone });
    await walk.send({ code: await hosted.lastCodeTo(phone) });
    expect(await walk.claims()).toMatchObject({ amr: ['sms'] });

    const named = { allow_public_signup: true, hosted_login: { identifiers: ['username'] } };
    const byName = await HostedScene.set(app, named);
    const [email, username] = [newEmail(), `ada.${Date.now()}`];
    const other = await start(byName);
    for (const bad of ['victim@example.com', '+14155550123', ''])
      expect((await other.send({ email, username: bad, password: GOOD })).page.status).toBe(400);
    await other.send({ email, username, password: GOOD });
    await other.send({ code: await byName.lastCodeTo(email) });
    const { sub } = await other.claims();
    const again = await (await byName.begin()).send({ identifier: username, password: GOOD });
    expect(await again.claims()).toMatchObject({ sub });
    // Taken by now: said only to somebody whose own address is confirmed.
    const late = newEmail();
    const third = await (await start(byName)).send({ email: late, username, password: GOOD });
    await third.send({ code: await byName.lastCodeTo(late) });
    expect([third.page.status, await userWith(late)]).toEqual([409, undefined]);
  });

  it('is there only where the application has public sign-up, on its pages or by createNewUser', async () => {
    const cases = [
      [{ allow_public_signup: false }, {}, false],
      [{ allow_public_signup: false }, { createNewUser: 'true' }, false],
      [{ allow_public_signup: true, hosted_login: { public_sign_up: false } }, {}, false],
      [
        { allow_public_signup: true, hosted_login: { public_sign_up: false } },
        { createNewUser: 'true' },
        true,
      ],
    ] as const;
    for (const [settings, parameters, isOffered] of cases) {
      const hosted = await HostedScene.set(app, settings);
      const walk = await hosted.begin(parameters);
      expect(walk.page.html.includes('value="sign-up"')).toBe(isOffered);
      await walk.open(`${app.url}/login/${walk.uid}/sign-up`);
      expect(walk.step).toBe(isOffered ? 'sign-up' : '');
    }
  });

  it('looks the same for an address that has an account; its owner is told by mail, and nothing changes', async () => {
    const [mine, theirs] = [newEmail(), open.email];
    const [fresh, taken] = [await start(), await start()];
    const before = await userWith(theirs);
    await fresh.send({ email: mine, password: GOOD });
    await taken.send({ email: theirs, password: GOOD });
    expect([taken.page.status, taken.step]).toEqual([fresh.page.status, fresh.step]);
    expect(likeness(taken.page, theirs)).toBe(likeness(fresh.page, mine));
    const mail = await open.lastMessageTo(theirs);
    expect(mail.subject).toMatch(/You already have an account at/);
    expect(mail.text).not.toMatch(/\b\d{6}\b/);
    await taken.send({ code: '123456' });
    await fresh.send({ code: '123456' });
    expect([taken.page.status, likeness(taken.page, theirs)]).toEqual([401, likeness(fresh.page, mine)]);
    expect(await userWith(theirs)).toEqual(before);
  });

  it('leaves nothing behind that waits for the owner of an address (account pre-hijacking)', async () => {
    const victim = newEmail();
    const attacker = await (await start()).send({ email: victim, password: 'Attackers-Pass-99x' });
    const owner = await (await start()).send({ email: victim, password: GOOD });
    await owner.send({ code: await open.lastCodeTo(victim) });
    const { sub } = await owner.claims();
    // Not even with the code of the owner, which is used up.
    const code = await open.lastCodeTo(victim);
    expect((await attacker.send({ code })).page.status).toBe(401);
    const entry = await (await open.begin()).send({ identifier: victim, password: 'Attackers-Pass-99x' });
    expect(entry.page.status).toBe(401);
    const own = await (await open.begin()).send({ identifier: victim, password: GOOD });
    expect(await own.claims()).toMatchObject({ sub });
  });

  it('does not take the code of one browser in another one', async () => {
    const email = newEmail();
    const [left, right] = [await start(), await start()];
    for (const walk of [left, right]) await walk.send({ email, password: GOOD });
    const code = await open.lastCodeTo(email);
    expect((await left.send({ code })).page.status).toBe(401);
    expect(await userWith(email)).toBeUndefined();
  });

  it('stops mass sign-up from one address of the network, for every application alike', async () => {
    let last: Walk | undefined;
    for (let turn = 0; turn <= PER_HOUR; turn++) {
      last = await (await start()).send({ email: newEmail(), password: GOOD });
      if (last.page.status === 429) break;
    }
    expect(last?.page.status).toBe(429);
    expect(Number(last?.page.headers.get('retry-after'))).toBeGreaterThan(60);
    expect(alertOf(last?.page as never)).toMatch(/Too many accounts/);
    const other = await HostedScene.set(app, { allow_public_signup: true });
    const email = newEmail();
    const walk = await (await start(other)).send({ email, password: GOOD });
    expect(walk.page.status).toBe(429);
    expect(await other.messagesTo(email)).toEqual([]);
    // Who has an account signs in all the same.
    const { password } = open.scene.person;
    const entry = await (await open.begin({}, new Browser(app))).send({ identifier: open.email, password });
    expect(await entry.claims()).toMatchObject({ amr: ['pwd'] });
  });
});
