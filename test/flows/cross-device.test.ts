/** What anybody may begin on two devices is limited by address (contract/authentication.md 8); the ceremonies are in test/browser/cross-device.test.ts. */
import { type App, startApp } from '../support/start-app.ts';

describe('the open operations that begin something on two devices', () => {
  let app: App;
  beforeAll(async () => {
    app = await startApp({ env: { PASSKEY_STARTS_PER_ADDRESS: '3', TRUSTED_PROXIES: '127.0.0.1,::1' } });
  });
  afterAll(() => app?.discard());

  it('are counted together, whatever they name; then 429 with Retry-After', async () => {
    const bodies = {
      'authenticate/init': { client_id: 'nobody' },
      'authenticate/start': { cross_device_ticket_id: 'made-up' },
      'register/start': { cross_device_ticket_id: 'made-up' },
    };
    const begin = async (from: string) => {
      const answers: (number | boolean)[] = [];
      for (const [path, body] of Object.entries(bodies)) {
        const answer = await fetch(`${app.url}/v1/auth/webauthn/cross-device/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
          body: JSON.stringify(body),
        });
        answers.push(answer.status, answer.headers.has('retry-after'));
      }
      return answers;
    };
    const unknown = [404, false, 404, false, 404, false];
    expect(await begin('203.0.113.7')).toEqual(unknown);
    expect(await begin('203.0.113.7')).toEqual([429, true, 429, true, 429, true]);
    expect(await begin('203.0.113.8')).toEqual(unknown);
  });
});
