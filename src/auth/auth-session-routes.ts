/** Rows of the older cross-device family (contract/authentication.md 8). Its ceremonies are those of the newer one. */
import type Koa from 'koa';
import type { ClientCaller, UserCaller } from '../base/caller.ts';
import type { TenantId } from '../base/ids.ts';
import { bodyOf, type OpenRow, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import {
  attachDevice,
  attachedDevice,
  authorizeSession,
  nothing,
  ofSession,
  sessionStatus,
  startAuthorized,
  startedSession,
  startRestricted,
} from './auth-session-schema.ts';
import type { AuthSessions } from './auth-sessions.ts';
import { deviceInfo } from './device-info.ts';
import type { PasskeyStartLimit } from './passkey-start-limit.ts';
import { EXECUTE } from './sign-in-schema.ts';
import { toWordFault } from './text-fault.ts';

export interface AuthSessionRouteParts {
  readonly tenantId: TenantId;
  readonly authSessions: AuthSessions;
  readonly starts: Pick<PasskeyStartLimit, 'count'>;
}

/** What a device shows of itself. */
export const DEVICE_TOKEN = 'x-ts-device-binding-token';
const NEW_DEVICE_TOKEN = 'set-device-binding-token';

const post = { method: 'post', status: 200, toFault: toWordFault } as const;
const open = { ...post, tokens: 'none', permissions: [] } as const;
const vouching = { ...post, tokens: ['client', 'user'], permissions: EXECUTE } as const;
const tag = 'Passkeys on two devices (older)';
const at = (path: string): string => `/v1/auth-session/${path}`;
const agentOf = (ctx: Koa.Context): string => ctx.get('user-agent').slice(0, 1024);

/** From a backend, or with the token of the user. */
const vouchingRows = ({ authSessions }: AuthSessionRouteParts): Row[] => [
  {
    ...vouching,
    path: at('start-with-authorization'),
    operation: {
      id: 'startAuthorizedAuthSession',
      summary:
        'Start a session in which a device registers a passkey of the user; users need a recent sign-in',
      tag,
      body: startAuthorized,
      answer: startedSession,
    },
    async handle(ctx, caller) {
      const body = validate(startAuthorized, bodyOf(ctx));
      return {
        auth_session_id: await authSessions.startAuthorized(caller as ClientCaller | UserCaller, body),
      };
    },
  },
  {
    ...vouching,
    path: at('authorize'),
    operation: {
      id: 'authorizeAuthSession',
      summary: 'Let the attached device of a session register a passkey of the user, once',
      tag,
      body: authorizeSession,
      answer: nothing,
    },
    async handle(ctx, caller) {
      const body = validate(authorizeSession, bodyOf(ctx));
      await authSessions.authorize(caller as ClientCaller | UserCaller, body);
      return {};
    },
  },
];

const deviceRows = ({ tenantId, authSessions, starts }: AuthSessionRouteParts): OpenRow[] => [
  {
    ...open,
    path: at('start-restricted'),
    operation: {
      id: 'startRestrictedAuthSession',
      summary:
        'Start a session for a sign-in on another device; the header set-device-binding-token binds this one',
      tag,
      body: startRestricted,
      answer: startedSession,
    },
    async handle(ctx) {
      const body = validate(startRestricted, bodyOf(ctx));
      await starts.count(tenantId, ctx.ip);
      const { id, token } = await authSessions.startRestricted(body, agentOf(ctx));
      ctx.set(NEW_DEVICE_TOKEN, token);
      return { auth_session_id: id };
    },
  },
  {
    ...open,
    path: at('attach-device'),
    operation: {
      id: 'attachDeviceToSession',
      summary: 'Attach a device; the first one to come is it, and gets a set-device-binding-token',
      tag,
      body: attachDevice,
      answer: attachedDevice,
    },
    async handle(ctx) {
      const { auth_session_id: id } = validate(attachDevice, bodyOf(ctx));
      await starts.count(tenantId, ctx.ip);
      const { ticket, token } = await authSessions.attach(id);
      ctx.set(NEW_DEVICE_TOKEN, token);
      const { binding, approvalData } = ticket;
      return {
        binding_info: {
          ...(binding.message !== undefined && { binding_message: binding.message }),
          originating_device: { device_info: deviceInfo(binding.userAgent) },
          ...(approvalData && { approval_data: approvalData }),
        },
      };
    },
  },
  {
    ...open,
    path: at('status'),
    operation: {
      id: 'getAuthSessionStatus',
      summary:
        'Ask how far the other device is, with the header x-ts-device-binding-token; the code is shown once',
      tag,
      body: ofSession,
      answer: sessionStatus,
    },
    async handle(ctx) {
      const { auth_session_id: id } = validate(ofSession, bodyOf(ctx));
      return authSessions.status(id, ctx.get(DEVICE_TOKEN));
    },
  },
  {
    ...open,
    path: at('detach-device'),
    operation: {
      id: 'detachDeviceFromSession',
      summary: 'Detach the device, with its header x-ts-device-binding-token; ends what is not finished',
      tag,
      body: ofSession,
      answer: nothing,
    },
    async handle(ctx) {
      const { auth_session_id: id } = validate(ofSession, bodyOf(ctx));
      await authSessions.detach(id, ctx.get(DEVICE_TOKEN));
      return {};
    },
  },
];

export const authSessionRoutes = (parts: AuthSessionRouteParts): (Row | OpenRow)[] => [
  ...vouchingRows(parts),
  ...deviceRows(parts),
];
