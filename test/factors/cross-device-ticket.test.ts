/** The steps of a cross-device ticket are taken by one caller each, whatever keeps it (contract/authentication.md 8). */
import { BoundTickets } from '../../src/factors/bound-tickets.ts';
import { CrossDeviceSessions } from '../../src/factors/cross-device-session.ts';
import { CrossDeviceTickets } from '../../src/factors/cross-device-ticket.ts';
import { storages } from '../support/engines.ts';
import { type FactorScene, setFactorScene } from '../support/factor-scene.ts';

const CALLS = Array.from({ length: 8 }, (_, index) => index);

describe.each(storages)('a cross-device ticket ($name)', (storage) => {
  let scene: FactorScene;
  let tickets: CrossDeviceTickets;
  beforeAll(async () => {
    scene = await setFactorScene(storage);
    tickets = new CrossDeviceTickets(scene.ephemeral);
  });
  afterAll(() => scene?.close());
  const open = (): Promise<string> =>
    tickets.open(scene.tenantId, {
      purpose: 'authenticate',
      clientId: scene.clientId,
      appId: scene.appId,
    });

  it('is attached by one of eight devices that come at once', async () => {
    const id = await open();
    const devices = await Promise.allSettled(CALLS.map(() => tickets.attach(scene.tenantId, id)));
    expect(devices.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await tickets.status(scene.tenantId, id)).toEqual({ status: 'scanned' });
  });

  it('is spent once, by an answer or by being aborted', async () => {
    const id = await open();
    const ticket = await tickets.take(scene.tenantId, id);
    const spent = await Promise.all(CALLS.map(() => tickets.spend(ticket)));
    expect(spent.filter(Boolean)).toHaveLength(1);
    await expect(tickets.abort(scene, id)).rejects.toMatchObject({
      textCode: 'cross_device_ticket_not_found',
    });
    await expect(tickets.take(scene.tenantId, id)).rejects.toMatchObject({ status: 404 });
  });

  it('is not known in another tenant', async () => {
    const id = await open();
    const other = 'another-tenant' as typeof scene.tenantId;
    await expect(tickets.take(other, id)).rejects.toMatchObject({ status: 404 });
    await expect(tickets.status(other, id)).rejects.toMatchObject({ status: 404 });
  });

  it('of the older family is not known in another tenant, nor attached, detached or authorized twice', async () => {
    const bound = new BoundTickets({ tickets, ephemeral: scene.ephemeral });
    const { tenantId, clientId, appId, ada } = scene;
    const wish = { purpose: 'authenticate', clientId, appId } as const;
    const { id, token } = await bound.openOnDevice(tenantId, wish, { redirectUri: 'x', userAgent: '' });
    const other = 'another-tenant' as typeof tenantId;
    await expect(bound.take(other, id)).rejects.toMatchObject({ status: 404 });
    await expect(bound.attach(other, id)).rejects.toMatchObject({ status: 404 });
    const devices = await Promise.allSettled(CALLS.map(() => bound.attach(tenantId, id)));
    const [device] = devices.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(devices.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const second = device?.token ?? '';
    const ticket = await bound.take(tenantId, id);
    expect(
      JSON.stringify(await scene.ephemeral.get({ tenantId, kind: 'CrossDevice', key: ticket.key })),
    ).not.toContain(token);
    const user = { userId: ada, username: 'ada' };
    const authorized = await Promise.allSettled(CALLS.map(() => bound.authorize(ticket, user)));
    expect(authorized.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await bound.take(tenantId, id)).toMatchObject({ purpose: 'register', ...user });
    const detached = await Promise.allSettled(CALLS.map(() => bound.detach(tenantId, id, second)));
    expect(detached.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(bound.known(ticket, second)).rejects.toMatchObject({ status: 401 });
    await expect(bound.take(tenantId, id)).rejects.toMatchObject({ status: 404 });
  });

  it('hands its session over once, to its client, and keeps neither id in plain text', async () => {
    const sessions = new CrossDeviceSessions(scene);
    const { tenantId, clientId, otherClientId } = scene;
    const ticket = await tickets.take(tenantId, await open());
    const sealed = await sessions.hand(ticket, { sessionId: 'the-session' });
    const id = (await sessions.openSealed(tenantId, sealed)) ?? '';
    expect(sealed).not.toContain(id);
    expect(await sessions.redeem(tenantId, otherClientId, id)).toBeUndefined();
    const all = await Promise.all(CALLS.map(() => sessions.redeem(tenantId, clientId, id)));
    expect(all.flatMap((one) => (one ? [one.sessionId] : []))).toEqual(['the-session']);
    expect(await sessions.openSealed(tenantId, sealed)).toBeUndefined();
  });
});
