import type { TenantId } from '../../src/base/ids.ts';
import { Secret } from '../../src/base/secrets.ts';
import type { DeliveryError } from '../../src/messages/delivery.ts';
import { SmsGateway } from '../../src/messages/sms-gateway.ts';
import { SmsSink } from '../support/sms-sink.ts';

const TO = '+15551234567';
const message = {
  channel: 'sms' as const,
  tenantId: 't' as TenantId,
  messageId: 'm1',
  to: TO,
  text: 'Your code is 1234',
};
const never = new AbortController().signal;

describe('the SMS gateway', () => {
  let sink: SmsSink;
  let gateway: SmsGateway;
  beforeEach(async () => {
    sink = await SmsSink.start();
    gateway = new SmsGateway({
      url: new Secret(sink.url),
      token: new Secret('bearer-token'),
      timeoutMs: 300,
    });
  });
  afterEach(() => sink.close());
  const failure = (): Promise<DeliveryError> =>
    gateway.send(message, never).then(
      () => {
        throw new Error('it was accepted');
      },
      (error: unknown) => error as DeliveryError,
    );

  it('gets recipient, text and sender as JSON, with the bearer token and an id that is the same at every attempt', async () => {
    await gateway.send({ ...message, senderId: 'Shop' }, never);
    await gateway.send(message, never);
    const [first, second] = sink.texts;
    expect(first?.body).toEqual({ to: TO, text: 'Your code is 1234', sender_id: 'Shop' });
    expect(second?.body).toEqual({ to: TO, text: 'Your code is 1234' });
    expect(first?.headers).toMatchObject({
      authorization: 'Bearer bearer-token',
      'content-type': 'application/json',
      'idempotency-key': 'm1',
    });
  });

  it.each([
    [400, true],
    [401, true],
    [404, true],
    [422, true],
    [408, false],
    [429, false],
    [500, false],
    [503, false],
  ])('refuses with %i: for good is %s', async (status, isPermanent) => {
    sink.answer(status);
    expect((await failure()).isPermanent).toBe(isPermanent);
  });

  it('sends code and token nowhere else, whatever a redirect says', async () => {
    const elsewhere = await SmsSink.start();
    for (const status of [301, 302, 307, 308]) {
      sink.answer(status, elsewhere.url);
      expect((await failure()).isPermanent).toBe(false);
    }
    expect(elsewhere.attempts).toBe(0);
    await elsewhere.close();
  });

  it('may be silent or away: the fault names neither URL nor token', async () => {
    sink.beSilent(true);
    const silent = await failure();
    await sink.close();
    const away = await failure();
    for (const { message: fault, isPermanent } of [silent, away]) {
      expect(isPermanent).toBe(false);
      expect(fault).toMatch(/^The SMS gateway did not answer/);
      expect(fault).not.toContain(sink.url);
    }
    expect(away.message).toContain('ECONNREFUSED');
    sink = await SmsSink.start();
  });
});
