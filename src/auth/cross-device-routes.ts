/** Rows for passkeys of a second device (contract/authentication.md 8). The sign-in itself ends at `/v1/auth/webauthn/authenticate`. */
import type Koa from 'koa';
import type { ClientCaller, UserCaller } from '../base/caller.ts';
import type { ClientId, TenantId, UserId } from '../base/ids.ts';
import type { CrossDevicePasskeys } from '../factors/cross-device-passkeys.ts';
import type { HandedSession } from '../factors/cross-device-session.ts';
import { userNotActive } from '../factors/factor-faults.ts';
import { registrationAnswer } from '../factors/passkey-answer-schema.ts';
import type { AssertStrongSignIn } from '../factors/strong-sign-in.ts';
import { bodyOf, type OpenRow, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { BackendSignInDoor } from '../oidc/sessions/backend-sign-in.ts';
import type { Admission } from '../users/admission.ts';
import { DEVICE_TOKEN } from './auth-session-routes.ts';
import {
  attachedDevice,
  initAuthentication,
  initExternal,
  initRegistration,
  madeTicket,
  ofTicket,
  ticketStatus,
} from './cross-device-schema.ts';
import type { PasskeyStartLimit } from './passkey-start-limit.ts';
import { registeredPasskey } from './registered-passkey.ts';
import { EXECUTE } from './sign-in-schema.ts';
import { toWordFault } from './text-fault.ts';
import {
  registered,
  registerPasskey,
  startedAuthentication,
  startedRegistration,
} from './webauthn-schema.ts';

export interface CrossDeviceParts {
  readonly tenantId: TenantId;
  readonly crossDevice: CrossDevicePasskeys;
  readonly assertStrong: AssertStrongSignIn;
  readonly starts: Pick<PasskeyStartLimit, 'count'>;
  readonly admission: Pick<Admission, 'signedIn'>;
  readonly backend: Pick<BackendSignInDoor, 'open'>;
}

const post = { method: 'post', status: 200, toFault: toWordFault } as const;
const open = { ...post, tokens: 'none', permissions: [] } as const;
const backend = { ...post, tokens: ['client'], permissions: EXECUTE } as const;
const tag = 'Passkeys on two devices';
const at = (path: string): string => `/v1/auth/webauthn/cross-device/${path}`;

/** On the first device: makes the ticket, and waits. */
const firstDeviceRows = ({
  tenantId,
  crossDevice,
  assertStrong,
  starts,
}: CrossDeviceParts): (Row | OpenRow)[] => [
  {
    ...open,
    path: at('authenticate/init'),
    operation: {
      id: 'initCrossDeviceAuthentication',
      summary: 'Get a ticket for a sign-in with the passkey of another device',
      tag,
      body: initAuthentication,
      answer: madeTicket,
    },
    async handle(ctx: Koa.Context) {
      const body = validate(initAuthentication, bodyOf(ctx));
      await starts.count(tenantId, ctx.ip);
      const { username, approval_data: approvalData } = body;
      const client = { tenantId, clientId: body.client_id as ClientId };
      const id = await crossDevice.initAuthentication(client, { username, approvalData });
      return { cross_device_ticket_id: id };
    },
  },
  {
    ...post,
    tokens: ['user'],
    permissions: [],
    path: at('register/init'),
    operation: {
      id: 'initCrossDeviceRegistration',
      summary:
        'Get a ticket for a passkey of your own on another device; needs a sign-in of the last ten minutes',
      tag,
      body: initRegistration,
      answer: madeTicket,
    },
    async handle(ctx, caller: UserCaller) {
      const { username, limit_single_credential_to_device: isOnePerDevice } = validate(
        initRegistration,
        bodyOf(ctx),
      );
      await assertStrong(caller);
      return {
        cross_device_ticket_id: await crossDevice.initRegistration(caller, { username, isOnePerDevice }),
      };
    },
  },
  {
    ...backend,
    path: at('external/register/init'),
    operation: {
      id: 'initExternalCrossDeviceRegistration',
      summary:
        'Get a ticket for a passkey, on another device, of a user whom your application knows by its own id',
      tag,
      body: initExternal,
      answer: madeTicket,
    },
    async handle(ctx, caller: ClientCaller) {
      const body = validate(initExternal, bodyOf(ctx));
      const { external_user_id: externalUserId, email, phone_number: phoneNumber, username } = body;
      const id = await crossDevice.initExternal(caller, { externalUserId, email, phoneNumber }, username);
      return { cross_device_ticket_id: id };
    },
  },
  {
    ...open,
    method: 'get',
    path: at('status'),
    operation: {
      id: 'getCrossDeviceStatus',
      summary: 'Ask how far the other device is',
      tag,
      query: ofTicket,
      answer: ticketStatus,
    },
    async handle(ctx: Koa.Context) {
      const { cross_device_ticket_id: id } = validate(ofTicket, { ...ctx.query });
      const { status, sessionId } = await crossDevice.status(tenantId, id);
      return { status, ...(sessionId !== undefined && { session_id: sessionId }) };
    },
  },
];

/** On the second device, and from the backend behind it. */
const secondDeviceRows = ({
  tenantId,
  crossDevice,
  starts,
  ...arrival
}: CrossDeviceParts): (Row | OpenRow)[] => [
  {
    ...open,
    path: at('attach-device'),
    operation: {
      id: 'attachCrossDevice',
      summary: 'Say that the other device is there; the first one to come is it',
      tag,
      body: ofTicket,
      answer: attachedDevice,
    },
    async handle(ctx: Koa.Context) {
      const { cross_device_ticket_id: id } = validate(ofTicket, bodyOf(ctx));
      const { startedAt, approvalData } = await crossDevice.attach(tenantId, id);
      return {
        status: 'scanned',
        started_at: new Date(startedAt).toISOString(),
        ...(approvalData && { approval_data: approvalData }),
      };
    },
  },
  {
    ...open,
    path: at('authenticate/start'),
    operation: {
      id: 'startCrossDeviceAuthentication',
      summary: 'Begin the sign-in of a ticket; it ends at /v1/auth/webauthn/authenticate',
      tag,
      body: ofTicket,
      answer: startedAuthentication,
    },
    async handle(ctx: Koa.Context) {
      const { cross_device_ticket_id: id } = validate(ofTicket, bodyOf(ctx));
      await starts.count(tenantId, ctx.ip);
      const { sessionId, options } = await crossDevice.startAuthentication(
        tenantId,
        id,
        ctx.get(DEVICE_TOKEN),
      );
      return { webauthn_session_id: sessionId, credential_request_options: options };
    },
  },
  {
    ...open,
    path: at('register/start'),
    operation: {
      id: 'startCrossDeviceRegistration',
      summary: 'Begin the registration of a ticket',
      tag,
      body: ofTicket,
      answer: startedRegistration,
    },
    async handle(ctx: Koa.Context) {
      const { cross_device_ticket_id: id } = validate(ofTicket, bodyOf(ctx));
      await starts.count(tenantId, ctx.ip);
      const { sessionId, options } = await crossDevice.startRegistration(tenantId, id, ctx.get(DEVICE_TOKEN));
      return { webauthn_session_id: sessionId, credential_creation_options: options };
    },
  },
  {
    ...backend,
    path: at('register'),
    operation: {
      id: 'registerCrossDevice',
      summary: 'Finish the registration of a ticket of your client',
      tag,
      body: registerPasskey,
      answer: registered,
    },
    async handle(ctx, caller: ClientCaller) {
      const body = validate(registerPasskey, bodyOf(ctx));
      const answer = registrationAnswer(body.webauthn_encoded_result);
      const passkey = await crossDevice.register(caller, answer, (user) =>
        arriveByPasskey(arrival, caller, user),
      );
      return registeredPasskey(answer, passkey);
    },
  },
  {
    ...backend,
    path: at('abort'),
    status: 204,
    operation: { id: 'abortCrossDevice', summary: 'End a ticket of your client', tag, body: ofTicket },
    async handle(ctx, caller: ClientCaller) {
      const { cross_device_ticket_id: id } = validate(ofTicket, bodyOf(ctx));
      await crossDevice.abort(caller, id);
    },
  },
];

/** Whoever has just made a passkey has shown it as well. @throws 403 for a user who was disabled meanwhile */
async function arriveByPasskey(
  { admission, backend }: Pick<CrossDeviceParts, 'admission' | 'backend'>,
  { tenantId, appId, clientId }: ClientCaller,
  userId: UserId,
): Promise<HandedSession> {
  const factor = 'webauthn';
  if (!(await admission.signedIn({ tenantId, appId, factor }, userId))) throw userNotActive();
  return { sessionId: await backend.open({ appId, clientId, userId, factor }) };
}

export const crossDeviceRoutes = (parts: CrossDeviceParts): (Row | OpenRow)[] => [
  ...firstDeviceRows(parts),
  ...secondDeviceRows(parts),
];
