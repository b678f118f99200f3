/** Rows for passkeys on an application's own pages (contract/authentication.md 8). */
import type { ClientCaller, UserCaller } from '../base/caller.ts';
import type { ClientId, TenantId } from '../base/ids.ts';
import { registrationAnswer } from '../factors/passkey-answer-schema.ts';
import type { PasskeyAuthentication } from '../factors/passkey-authentication.ts';
import type { ExternalPasskeys } from '../factors/passkey-external.ts';
import type { PasskeyHints } from '../factors/passkey-hint.ts';
import type { PasskeyPlaces } from '../factors/passkey-places.ts';
import type { PasskeyRegistration } from '../factors/passkey-registration.ts';
import type { AssertStrongSignIn } from '../factors/strong-sign-in.ts';
import { bodyOf, type OpenRow, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { PasskeyStartLimit } from './passkey-start-limit.ts';
import { registeredPasskey } from './registered-passkey.ts';
import { toWordFault } from './text-fault.ts';
import {
  hinted,
  registerExternal,
  registered,
  registerPasskey,
  registrationHint,
  startAuthentication,
  startedAuthentication,
  startedRegistration,
  startRegistration,
} from './webauthn-schema.ts';

export interface WebauthnParts {
  readonly tenantId: TenantId;
  readonly places: PasskeyPlaces;
  readonly registration: PasskeyRegistration;
  readonly authentication: PasskeyAuthentication;
  readonly external: ExternalPasskeys;
  readonly hints: PasskeyHints;
  readonly assertStrong: AssertStrongSignIn;
  readonly starts: Pick<PasskeyStartLimit, 'count'>;
}

const open = { method: 'post', tokens: 'none', permissions: [], status: 200, toFault: toWordFault } as const;
const backend = {
  method: 'post',
  tokens: ['client'],
  permissions: ['apps:execute', '[appId]:execute', 'auth:execute'],
  status: 200,
  toFault: toWordFault,
} as const;
const tag = 'Passkeys';
const at = (path: string): string => `/v1/auth/webauthn/${path}`;

const openRows = (parts: WebauthnParts): OpenRow[] => [
  {
    ...open,
    path: at('authenticate/start'),
    operation: {
      id: 'startWebauthnAuthentication',
      summary: 'Begin a sign-in with a passkey; says the same whether or not the user exists',
      tag,
      body: startAuthentication,
      answer: startedAuthentication,
    },
    async handle(ctx) {
      const body = validate(startAuthentication, bodyOf(ctx));
      await parts.starts.count(parts.tenantId, ctx.ip);
      const place = await parts.places.ofApplication(parts.tenantId, body.client_id as ClientId);
      const { sessionId, options } = await parts.authentication.start(place, {
        username: body.username,
        timeoutSeconds: body.timeout,
        approvalData: body.approval_data,
      });
      return { webauthn_session_id: sessionId, credential_request_options: options };
    },
  },
  {
    ...open,
    path: at('register/start'),
    operation: {
      id: 'startWebauthnRegistration',
      summary: 'Begin to register a passkey; says the same whether or not the user exists',
      tag,
      body: startRegistration,
      answer: startedRegistration,
    },
    async handle(ctx) {
      const body = validate(startRegistration, bodyOf(ctx));
      await parts.starts.count(parts.tenantId, ctx.ip);
      const place = await parts.places.ofApplication(parts.tenantId, body.client_id as ClientId);
      const { sessionId, options } = await parts.registration.start(place, {
        username: body.username,
        displayName: body.display_name,
        timeoutSeconds: body.timeout,
      });
      return { webauthn_session_id: sessionId, credential_creation_options: options };
    },
  },
];

/** A token is needed for what changes how somebody signs in. */
export const webauthnRoutes = (parts: WebauthnParts): (Row | OpenRow)[] => [
  ...openRows(parts),
  {
    method: 'post',
    path: at('register'),
    tokens: ['user'],
    permissions: [],
    status: 200,
    toFault: toWordFault,
    operation: {
      id: 'registerWebauthn',
      summary: 'Finish registering a passkey of your own; needs a sign-in of the last ten minutes',
      tag,
      body: registerPasskey,
      answer: registered,
    },
    async handle(ctx, caller: UserCaller) {
      const body = validate(registerPasskey, bodyOf(ctx));
      await parts.assertStrong(caller);
      const place = await parts.places.ofApplication(caller.tenantId, caller.clientId);
      const answer = registrationAnswer(body.webauthn_encoded_result);
      return registeredPasskey(answer, await parts.registration.finish(place, answer, caller.userId));
    },
  },
  {
    ...backend,
    path: at('external/register'),
    operation: {
      id: 'registerExternalWebauthn',
      summary: 'Finish registering a passkey for a user whom your application knows by its own id',
      tag,
      body: registerExternal,
      answer: registered,
    },
    async handle(ctx, caller: ClientCaller) {
      const body = validate(registerExternal, bodyOf(ctx));
      const answer = registrationAnswer(body.webauthn_encoded_result);
      const { external_user_id: externalUserId, email, phone_number: phoneNumber } = body;
      const external = { externalUserId, email, phoneNumber };
      const passkey = await parts.external.register(caller, answer, external);
      return registeredPasskey(answer, { ...passkey, externalUserId });
    },
  },
  {
    ...backend,
    path: at('external/register/hosted/hint'),
    operation: {
      id: 'createWebauthnRegistrationHint',
      summary: 'Get a token that opens the hosted page where a user registers a passkey',
      tag,
      body: registrationHint,
      answer: hinted,
    },
    async handle(ctx, caller: ClientCaller) {
      const body = validate(registrationHint, bodyOf(ctx));
      const wish = {
        identifier: body.webauthn_identifier,
        redirectUri: body.redirect_uri,
        externalUserId: body.external_user_id,
      };
      await parts.external.assertMayHint(caller, wish);
      const token = await parts.hints.make(caller, wish);
      return { register_webauthn_cred_token: token };
    },
  },
];
