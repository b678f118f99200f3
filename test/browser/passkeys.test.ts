/** WebAuthn ceremonies between a real Chromium with a virtual authenticator and the services, and the attacks on them. */
import { isoBase64URL, isoCBOR } from '@simplewebauthn/server/helpers';
import type { Browser } from 'playwright-core';
import type { UserId } from '../../src/base/ids.ts';
import { PasskeyList } from '../../src/factors/passkey-list.ts';
import type { CeremonyPlace } from '../../src/factors/passkey-session.ts';
import { passkeys } from '../../src/factors/passkeys.ts';
import { describeWithChromium, launchChromium } from '../support/chromium.ts';
import { policyStorages } from '../support/engines.ts';
import { type FactorScene, setFactorScene } from '../support/factor-scene.ts';
import { type BrowserAnswer, PasskeyBrowser } from '../support/passkey-browser.ts';

const PUBLIC_URL = new URL('https://id.example.com');
const INVALID = { status: 400, textCode: 'invalid_request' };
const refusal = (message: RegExp) => ({ ...INVALID, message: expect.stringMatching(message) });

const ID_LENGTH_AT = 53;

/** The same attestation object with a credential id of this many bytes. */
function lengthened(attestationObject: string, bytes: number): { attestationObject: string; id: string } {
  const decoded = isoCBOR.decodeFirst<Map<string, Uint8Array>>(isoBase64URL.toBuffer(attestationObject));
  const authData = Buffer.from(decoded.get('authData') ?? []);
  const id = Buffer.alloc(bytes, 7);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes);
  const key = authData.subarray(ID_LENGTH_AT + 2 + authData.readUInt16BE(ID_LENGTH_AT));
  decoded.set(
    'authData',
    new Uint8Array(Buffer.concat([authData.subarray(0, ID_LENGTH_AT), length, id, key])),
  );
  const encoded = isoCBOR.encode(decoded as never);
  return { attestationObject: Buffer.from(encoded).toString('base64url'), id: id.toString('base64url') };
}

describeWithChromium('passkeys in Chromium (authentication.md 8)', () => {
  let chromium: Browser;
  beforeAll(async () => {
    chromium = await launchChromium();
  });
  afterAll(() => chromium?.close());

  describe.each(policyStorages)('($name)', (storage) => {
    let scene: FactorScene;
    let page: PasskeyBrowser;
    let services: ReturnType<typeof passkeys>;
    const settings = (more: object = {}) => ({
      webauthn_api: { rpId: 'localhost', rpWebOrigins: [page.origin], ...more },
    });

    beforeAll(async () => {
      scene = await setFactorScene(storage);
      page = await PasskeyBrowser.open(chromium);
      const users = { create: () => Promise.reject(new Error('nobody is created here')) };
      services = passkeys({ ...scene, users, publicUrl: PUBLIC_URL, houseName: () => 'Tessera' });
    });
    afterAll(async () => {
      await page?.close();
      await scene?.close();
    });
    beforeEach(async () => {
      await page.takeNewAuthenticator();
      await scene.db.deleteFrom('passkeys').execute();
      await scene.db.deleteFrom('failure_counts').execute();
      await scene.setMethods(settings());
      await scene.trail();
    });

    const here = () => services.places.ofApplication(scene.tenantId, scene.clientId);
    const elsewhere = () => services.places.ofApplication(scene.tenantId, scene.otherClientId);
    const stored = () => scene.db.selectFrom('passkeys').selectAll().execute();

    async function created(
      username: string,
      more: { userId?: UserId; browser?: PasskeyBrowser; place?: CeremonyPlace } = {},
    ) {
      const { browser = page, place = await here(), userId } = more;
      const { sessionId, options } = await services.registration.start(place, { username, userId });
      return { sessionId, options, credential: await browser.create(options) };
    }
    async function register(userId: UserId, username: string) {
      const answer = await created(username);
      return services.registration.finish(await here(), answer, userId);
    }
    async function got(username?: string, browser = page) {
      const { sessionId, options } = await services.authentication.start(await here(), { username });
      return { sessionId, options, credential: await browser.get(options) };
    }
    const finish = async (answer: { sessionId: string; credential: BrowserAnswer }) =>
      services.authentication.finish(await here(), answer);
    const withResponse = <A extends { credential: BrowserAnswer }>(answer: A, response: object): A => ({
      ...answer,
      credential: { ...answer.credential, response: { ...answer.credential.response, ...response } },
    });

    describe('registration and sign-in', () => {
      it('work without a username: the passkey is discoverable and names its user', async () => {
        const passkey = await register(scene.ada, 'ada');
        const answer = await got();
        expect(answer.options.allowCredentials ?? []).toEqual([]);
        const proven = await finish(answer);
        expect(proven).toMatchObject({ amr: 'webauthn', user: { userId: scene.ada } });
        expect(proven.passkey.credentialId).toBe(passkey.credentialId);
        expect(await scene.trail()).toEqual(['user.passkey_added']);
        const [row] = await stored();
        expect(Number(row?.counter)).toBeGreaterThan(passkey.counter);
        expect(row).toMatchObject({ username: 'ada', app_id: scene.appId, device_type: 'singleDevice' });
      });

      it('work with the username, the email, and the name of the passkey, and give approval data back', async () => {
        await register(scene.ada, 'Work key');
        for (const username of ['ADA', 'ada@example.com', 'work KEY'])
          expect((await finish(await got(username))).user.userId).toBe(scene.ada);
        const { sessionId, options } = await services.authentication.start(await here(), {
          approvalData: { amount: '5' },
        });
        const proven = await finish({ sessionId, credential: await page.get(options) });
        expect(proven.approvalData).toEqual({ amount: '5' });
      });

      it('tell the authenticator a random handle, not the user id, and the same for the same name (WebAuthn 14.6.1)', async () => {
        const [first, second, other] = [await created('ada'), await created('Ada'), await created('bob')];
        const handles = [first, second, other].map(({ options }) => options.user.id);
        expect(handles[0]).toBe(handles[1]);
        expect(handles[2]).not.toBe(handles[0]);
        expect(Buffer.from(handles[0] ?? '', 'base64url')).toHaveLength(32);
        expect(Buffer.from(handles[0] ?? '', 'base64url').toString()).not.toContain(scene.ada);
      });

      it('have no second passkey on the same authenticator for a user who is signed in', async () => {
        await register(scene.ada, 'ada');
        await expect(created('second', { userId: scene.ada })).rejects.toThrow(/InvalidStateError/);
      });

      it('ask only for the passkeys of a user whose first factor is proven', async () => {
        const { credentialId } = await register(scene.ada, 'ada');
        const start = (userId: UserId) =>
          here().then((place) => services.authentication.start(place, { userId }));
        const { sessionId, options } = await start(scene.ada);
        expect(options.allowCredentials?.map(({ id }) => id)).toEqual([credentialId]);
        const credential = await page.get(options);
        expect((await finish({ sessionId, credential })).user.userId).toBe(scene.ada);
        const ofBob = await start(scene.bob);
        const forced = { sessionId: ofBob.sessionId, credential: await page.get({ ...ofBob.options }) };
        await expect(finish(forced)).rejects.toMatchObject(refusal(/belongs to another user/));
      });
    });

    describe('an answer at sign-in is refused', () => {
      beforeEach(() => register(scene.ada, 'ada'));

      it('that comes from another origin', async () => {
        await scene.setMethods(settings({ rpWebOrigins: ['https://shop.example.com'] }));
        await expect(finish(await got())).rejects.toMatchObject(refusal(/origin/));
      });
      it('that answers the challenge of another session', async () => {
        const [mine, foreign] = [await got(), await got()];
        const mixed = { ...mine, credential: foreign.credential };
        await expect(finish(mixed)).rejects.toMatchObject(refusal(/challenge/));
      });
      it('that was given before, whether it was good or not', async () => {
        const answer = await got();
        await finish(answer);
        await expect(finish(answer)).rejects.toMatchObject(refusal(/no open session/));
        const spoilt = await got();
        await expect(finish(withResponse(spoilt, { signature: 'AAAA' }))).rejects.toMatchObject(INVALID);
        await expect(finish(spoilt)).rejects.toMatchObject(refusal(/no open session/));
      });
      it('that is given twenty times at once but for one', async () => {
        const answer = await got();
        const results = await Promise.allSettled(Array.from({ length: 20 }, () => finish(answer)));
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      });
      it('whose signature was tampered with', async () => {
        const answer = await got();
        const bytes = Buffer.from(answer.credential.response.signature, 'base64url');
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
        const tampered = withResponse(answer, { signature: bytes.toString('base64url') });
        await expect(finish(tampered)).rejects.toMatchObject(refusal(/signature is wrong/));
      });
      it('whose authenticator data names another relying party, or lacks the user verification', async () => {
        for (const [at, fault] of [
          [0, /RP ID/i],
          [32, /verif|present/i],
        ] as const) {
          const answer = await got();
          const bytes = Buffer.from(answer.credential.response.authenticatorData, 'base64url');
          bytes[at] = at === 32 ? 1 : (bytes[at] ?? 0) ^ 1;
          const changed = withResponse(answer, { authenticatorData: bytes.toString('base64url') });
          await expect(finish(changed)).rejects.toMatchObject(refusal(fault));
        }
      });
      it('that is no answer at all', async () => {
        for (const name of ['clientDataJSON', 'authenticatorData', 'signature'])
          for (const part of ['', 'AAAA', Buffer.from('{}').toString('base64url'), 'A'.repeat(60_000)]) {
            // Not the limit is asked here.
            await scene.db.deleteFrom('failure_counts').execute();
            await expect(finish(withResponse(await got(), { [name]: part }))).rejects.toMatchObject(INVALID);
          }
      });
      it('whose user handle is not that of the passkey', async () => {
        const answer = await got();
        await expect(finish(withResponse(answer, { userHandle: 'AAAA' }))).rejects.toMatchObject(
          refusal(/user handle/),
        );
      });
      it('of a passkey of another user than the one who was asked for', async () => {
        await expect(finish(await got('bob'))).rejects.toMatchObject(refusal(/another user/));
        await expect(finish(await got('nobody'))).rejects.toMatchObject(refusal(/another user/));
      });
      it('through the client of another application, and does not end the session of the first', async () => {
        const answer = await got();
        await expect(services.authentication.finish(await elsewhere(), answer)).rejects.toMatchObject(
          refusal(/no open session/),
        );
        const inOtherTenant = { ...(await here()), tenantId: 'other' as never };
        await expect(services.authentication.finish(inOtherTenant, answer)).rejects.toMatchObject(INVALID);
        expect((await finish(answer)).user.userId).toBe(scene.ada);
      });
      it('with a passkey of another application, even one with the same rpId', async () => {
        const place = await elsewhere();
        const { sessionId, options } = await services.authentication.start(place, {});
        const credential = await page.get(options);
        await expect(services.authentication.finish(place, { sessionId, credential })).rejects.toMatchObject({
          status: 404,
          textCode: 'no_credentials_registered',
        });
      });
      it('of a session that began as a registration', async () => {
        const { sessionId } = await created('ada');
        const { credential } = await got();
        await expect(finish({ sessionId, credential })).rejects.toMatchObject(refusal(/no open session/));
      });
      it('whose counter went back: the passkey may have been copied, and that is written down (WebAuthn 6.1.1)', async () => {
        await scene.trail();
        await scene.db.updateTable('passkeys').set({ counter: 1_000 }).execute();
        await expect(finish(await got())).rejects.toMatchObject(refusal(/counter went back/));
        expect(await scene.trail()).toEqual(['user.passkey_counter_went_back']);
        expect((await stored()).map(({ counter }) => Number(counter))).toEqual([1_000]);
      });
      it('of a user who is disabled, and of one who has left the application', async () => {
        const status = (value: 'Active' | 'Disabled') =>
          scene.db.updateTable('users').set({ status: value }).where('user_id', '=', scene.ada).execute();
        await status('Disabled');
        await expect(finish(await got())).rejects.toMatchObject({ status: 403, textCode: 'user_not_active' });
        await status('Active');
        expect((await finish(await got())).user.userId).toBe(scene.ada);
        const membership = scene.db
          .deleteFrom('user_applications')
          .where('user_id', '=', scene.ada)
          .where('app_id', '=', scene.appId);
        const [row] = await membership.returningAll().execute();
        await expect(finish(await got())).rejects.toMatchObject({ status: 404 });
        await scene.db
          .insertInto('user_applications')
          .values({ ...row, custom_app_data: '{}' } as never)
          .execute();
      });
    });

    describe('an answer at registration is refused', () => {
      const keep = async (answer: Awaited<ReturnType<typeof created>>, userId = scene.ada) =>
        services.registration.finish(await here(), answer, userId);
      afterEach(async () => expect(await stored()).toEqual([]));

      it('that comes from another origin', async () => {
        await scene.setMethods(settings({ rpWebOrigins: ['https://shop.example.com'] }));
        await expect(keep(await created('ada'))).rejects.toMatchObject(refusal(/origin/));
      });
      it('that answers the challenge of another session', async () => {
        const [mine, foreign] = [await created('ada'), await created('bob')];
        const mixed = { ...mine, credential: foreign.credential };
        await expect(keep(mixed)).rejects.toMatchObject(refusal(/challenge/));
      });
      it('that was made under the name of another user', async () => {
        for (const username of ['bob', 'BOB@example.com'])
          await expect(keep(await created(username))).rejects.toMatchObject(refusal(/another user/));
      });
      it('of a session that was opened for another user', async () => {
        const answer = await created('new name', { userId: scene.bob });
        await expect(keep(answer)).rejects.toMatchObject(refusal(/another user/));
      });
      it('through the client of another application', async () => {
        const answer = await created('ada');
        await expect(
          services.registration.finish(await elsewhere(), answer, scene.ada),
        ).rejects.toMatchObject(refusal(/no open session/));
      });
      it('that was given before', async () => {
        const answer = await created('ada');
        await keep(answer);
        await expect(keep(answer)).rejects.toMatchObject(refusal(/no open session/));
        await scene.db.deleteFrom('passkeys').execute();
        await scene.db.deleteFrom('failure_counts').execute();
      });
      it('from a model of authenticator that is blocked, or that is not on the list of allowed ones (aaguid lists)', async () => {
        await scene.setMethods(settings({ attestationType: 'direct' }));
        const { aaguid } = await keep(await created('ada'));
        await scene.db.deleteFrom('passkeys').execute();
        await scene.db.deleteFrom('failure_counts').execute();
        await page.takeNewAuthenticator();
        await scene.setMethods(settings({ aaguidBlockList: [aaguid.toUpperCase()] }));
        await expect(keep(await created('ada'))).rejects.toMatchObject(refusal(/blocks this model/));
        await scene.setMethods(settings({ aaguidAllowList: ['00000000-0000-0000-0000-000000000001'] }));
        await expect(keep(await created('ada'))).rejects.toMatchObject(refusal(/does not allow this model/));
      });
      it('without an attestation where one is enforced (enforceAttestation)', async () => {
        await scene.setMethods(settings({ enforceAttestation: true }));
        const { sessionId, options } = await services.registration.start(await here(), { username: 'ada' });
        expect(options.attestation).toBe('direct');
        const credential = await page.create({ ...options, attestation: 'none' });
        await expect(keep({ sessionId, options, credential })).rejects.toMatchObject(refusal(/attestation/));
      });
      it('for a passkey that is synced between devices where that is not allowed (allowSyncedPasskeys)', async () => {
        await page.takeNewAuthenticator({ isSynced: true });
        await scene.setMethods(settings({ allowSyncedPasskeys: false }));
        await expect(keep(await created('ada'))).rejects.toMatchObject(refusal(/synced/));
      });
      it('whose credential id is longer than WebAuthn allows, which no signature forbids without attestation', async () => {
        const answer = await created('ada');
        const long = lengthened(answer.credential.response.attestationObject, 1024);
        const { id } = long;
        const forged = withResponse(answer, { attestationObject: long.attestationObject });
        const credential = { ...forged.credential, id, rawId: id };
        await expect(keep({ ...forged, credential })).rejects.toMatchObject(refusal(/too long/));
      });
      it('that is no answer at all', async () => {
        const garbage = [
          '',
          'AAAA',
          Buffer.from('{}').toString('base64url'),
          'o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YUA',
        ];
        for (const part of garbage)
          for (const name of ['clientDataJSON', 'attestationObject'])
            await expect(keep(withResponse(await created('ada'), { [name]: part }))).rejects.toMatchObject(
              INVALID,
            );
      });
      it('for a user who is disabled', async () => {
        const status = (value: 'Active' | 'Disabled') =>
          scene.db.updateTable('users').set({ status: value }).where('user_id', '=', scene.ada).execute();
        await status('Disabled');
        await expect(keep(await created('ada'))).rejects.toMatchObject({ status: 403 });
        await status('Active');
      });
    });

    it('take synced passkeys, and keep one only where the application wants it so (replaceExistingPasskey)', async () => {
      await page.takeNewAuthenticator({ isSynced: true });
      await register(scene.ada, 'ada');
      expect(await stored()).toMatchObject([{ device_type: 'multiDevice', backed_up: true }]);
      await page.takeNewAuthenticator();
      const second = await register(scene.ada, 'ada');
      expect(await stored()).toHaveLength(2);
      await scene.setMethods(settings({ replaceExistingPasskey: true }));
      await page.takeNewAuthenticator();
      const third = await register(scene.ada, 'ada');
      expect((await stored()).map(({ credential_id }) => credential_id)).toEqual([third.credentialId]);
      expect(third.credentialId).not.toBe(second.credentialId);
    });

    it('are listed and removed by their user, and by nobody else', async () => {
      const { credentialId } = await register(scene.ada, 'ada');
      const list = new PasskeyList(scene);
      expect(await list.list(scene.tenantId, scene.ada)).toMatchObject([{ credentialId, username: 'ada' }]);
      expect(await list.list(scene.tenantId, scene.bob)).toEqual([]);
      const missing = { status: 404 };
      await expect(list.remove(scene.tenantId, scene.bob, credentialId)).rejects.toMatchObject(missing);
      await list.remove(scene.tenantId, scene.ada, credentialId);
      await expect(list.remove(scene.tenantId, scene.ada, credentialId)).rejects.toMatchObject(missing);
      expect(await scene.trail()).toEqual(['user.passkey_added', 'user.passkey_removed']);
      await expect(finish(await got())).rejects.toMatchObject({ textCode: 'no_credentials_registered' });
    });

    it('are asked for on the hosted page with a hint that can be used once, and by no other tenant', async () => {
      const uri = 'https://shop.example.com/back';
      const settings = JSON.stringify({ redirect_uris: [uri] });
      await scene.db.updateTable('clients').set({ settings }).execute();
      const { tenantId, clientId, appId } = scene;
      const caller = { kind: 'client', tenantId, clientId, appId } as const;
      const token = await services.hints.make(caller, { identifier: 'ada', redirectUri: uri });
      const hint = { clientId, appId, identifier: 'ada', redirectUri: uri };
      expect(await services.hints.find(tenantId, token)).toEqual(hint);
      expect(await services.hints.find('other' as never, token)).toBeUndefined();
      const uses = await Promise.all([1, 2, 3].map(() => services.hints.use(tenantId, token)));
      expect(uses.filter(Boolean)).toHaveLength(1);
      expect(await services.hints.find(tenantId, token)).toBeUndefined();
    });

    it('go with their user', async () => {
      await register(scene.ada, 'ada');
      const user_id = 'leaver' as UserId;
      const values = { tenant_id: scene.tenantId, user_id, status: 'Active' as const, profile: '{}' };
      await scene.db.insertInto('users').values(values).execute();
      await scene.db.updateTable('passkeys').set({ user_id }).execute();
      await scene.db.deleteFrom('users').where('user_id', '=', user_id).execute();
      expect(await stored()).toEqual([]);
    });

    it('of the hosted pages belong to the host of PUBLIC_URL and its origin alone', async () => {
      const place = await services.places.ofHostedPages(scene.tenantId, scene.clientId);
      expect(place.party).toMatchObject({
        scope: { rpId: 'id.example.com', appId: undefined },
        origins: ['https://id.example.com'],
      });
      const hosted = passkeys({
        ...scene,
        users: { create: () => Promise.reject(new Error('nobody')) },
        publicUrl: new URL(page.origin),
        houseName: () => 'Tessera',
      });
      const at = (clientId = scene.clientId) => hosted.places.ofHostedPages(scene.tenantId, clientId);
      const start = await hosted.registration.start(await at(), {
        username: 'ada@example.com',
        userId: scene.ada,
      });
      const credential = await page.create(start.options);
      await hosted.registration.finish(await at(), { sessionId: start.sessionId, credential }, scene.ada);
      // Every application of the tenant has the same hosted pages; an application's own pages do not see the passkey.
      const other = await at(scene.otherClientId);
      const signIn = await hosted.authentication.start(other, {});
      const answer = { sessionId: signIn.sessionId, credential: await page.get(signIn.options) };
      expect((await hosted.authentication.finish(other, answer)).user.userId).toBe(scene.ada);
      await expect(finish(await got())).rejects.toMatchObject({ status: 404 });
    });
  });
});
