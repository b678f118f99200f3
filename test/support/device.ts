/** A device that begins the device flow with openid-client, and the browser of the person in front of it. */
import * as oidc from 'openid-client';
import { type Answer, postForm } from './management.ts';
import type { RelyingParty } from './relying-party.ts';
import type { App } from './start-app.ts';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export const startDevice = (rp: RelyingParty, parameters: Record<string, string> = { scope: 'openid' }) =>
  oidc.initiateDeviceAuthorization(rp.config, parameters);

/** Polls as the library does; the first wait is shortened, as nobody has polled before. */
export const pollDevice = (rp: RelyingParty, device: oidc.DeviceAuthorizationResponse) =>
  oidc.pollDeviceAuthorizationGrant(rp.config, { ...device, interval: 1 }, undefined, {
    signal: AbortSignal.timeout(8000),
  });

/** One poll without a library. */
export const askForTokens = (app: Pick<App, 'url'>, of: Credentials, deviceCode: string): Promise<Answer> =>
  postForm(`${app.url}/oidc/token`, { grant_type: DEVICE_GRANT, device_code: deviceCode }, of);
