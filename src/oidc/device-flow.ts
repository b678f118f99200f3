/** The browser's side of the device flow: the client's own pages where it has some, else ours (contract/oidc.md 13). */
import type { Context } from 'koa';
import type { Client, DeviceCode, KoaContextWithOIDC } from 'oidc-provider';
import { sendPage } from '../http/html.ts';
import { type AttemptLimit, networkOf } from '../storage/attempt-limit.ts';
import { approvalPage, type DeviceFault, type DeviceInfo, inputPage, successPage } from './device-pages.ts';
import { askedLocales, pageLanguage, withLocales } from './page-language.ts';
import { passOn } from './passing-page.ts';
import { settingsOf } from './policies/client-settings.ts';

export interface DeviceParts {
  /** Wrong user codes, by the network that they came from. */
  readonly guesses: AttemptLimit;
  /** The page for codes that all clients of the tenant share. */
  readonly sharedInputUri: () => Promise<string | undefined>;
}

/** What the engine says of a code that is no good: unknown, expired, used, or missing. */
const BAD_CODES = ['NotFoundError', 'ExpiredError', 'AlreadyUsedError', 'NoCodeError'];
const WRONG_CODES = ['NotFoundError', 'ExpiredError', 'AlreadyUsedError'];

/** What a client's own page is told, in the published words (13.3); ours says it in the person's language. */
const PUBLISHED: Readonly<Record<DeviceFault, string>> = {
  incorrect: 'The code you entered is incorrect. Try again',
  interrupted: 'The sign-in request was interrupted',
};

const actionOf = (ctx: KoaContextWithOIDC): string => ctx.oidc.urlFor('code_verification');

const deviceOf = (code: DeviceCode): DeviceInfo => code.deviceInfo as unknown as DeviceInfo;

/** The engine's comparison form of a code: case and separators do not count. */
const bare = (userCode: string): string => userCode.toUpperCase().replace(/\W/g, '');
const shown = (userCode: string): string => `${userCode.slice(0, 4)}-${userCode.slice(4)}`;

/** Values of the engine's `features.deviceFlow`. Twenty letters without look-alikes: 2.5e10 codes (RFC 8628 section 6.1). */
export const deviceFlow = (parts: DeviceParts) => ({
  enabled: true,
  charset: 'base-20' as const,
  mask: '****-****',
  deviceInfo: (ctx: KoaContextWithOIDC) => ({ id: ctx.ip, ua: ctx.get('user-agent').slice(0, 512) }),
  userCodeInputSource: async (ctx: KoaContextWithOIDC, _form: string, _out?: object, error?: Error) => {
    if (error && WRONG_CODES.includes(error.name)) await parts.guesses.note(networkOf(ctx.ip));
    await sendToInput(parts, ctx, error);
    // The engine has made a new xsrf value for its own form, after the session was saved, and would fail at saving a
    // session that nobody had before. None of our forms carries that value.
    if (error) (ctx.oidc.session as unknown as { touched: boolean }).touched = false;
  },
  userCodeConfirmSource: async (ctx: KoaContextWithOIDC, _form: string, client: Client) => {
    if (ctx.oidc.deviceCode) askForApproval(ctx, client, ctx.oidc.deviceCode);
  },
  successSource: async (ctx: KoaContextWithOIDC) => {
    const { client, deviceCode } = ctx.oidc;
    const uri = client && settingsOf(client).device.success_uri;
    if (!uri || !deviceCode) return sendPage(ctx, 200, successPage(pageLanguage(ctx)));
    passOn(ctx, 200, uri, { device_info: JSON.stringify(deviceOf(deviceCode)) });
  },
});

/** GET with a code: the question at once, without the engine's form to itself in between. */
export async function answerCode(parts: DeviceParts, ctx: KoaContextWithOIDC): Promise<void> {
  const userCode = ctx.oidc.params?.user_code;
  if (typeof userCode !== 'string' || ctx.status !== 200) return;
  const { DeviceCode: codes, Client: clients } = ctx.oidc.provider;
  const code = await codes.findByUserCode(bare(userCode));
  const client = code?.clientId === undefined ? undefined : await clients.find(code.clientId);
  if (code && client && !code.error && !code.accountId && !code.inFlight)
    return askForApproval(ctx, client, code);
  await parts.guesses.note(networkOf(ctx.ip));
  if (code) ctx.oidc.entity('DeviceCode', code);
  await sendToInput(parts, ctx, Object.assign(new Error('no such code'), { name: 'NotFoundError' }));
}

function askForApproval(ctx: KoaContextWithOIDC, client: Client, code: DeviceCode): void {
  const xsrf = String((ctx.oidc.session as { state?: { secret?: string } } | undefined)?.state?.secret);
  const uri = settingsOf(client).device.approval_uri;
  const userCode = shown(code.userCode);
  if (uri !== '') {
    const fields = { user_code: userCode, xsrf, device_info: JSON.stringify(deviceOf(code)) };
    passOn(ctx, 200, uri, fields);
    return;
  }
  if (!ctx.oidc.entities.DeviceCode) ctx.oidc.entity('DeviceCode', code);
  const question = { xsrf, userCode, device: deviceOf(code), action: withLocales(ctx, actionOf(ctx)) };
  sendPage(
    ctx,
    200,
    approvalPage(pageLanguage(ctx), { ...question, clientName: client.clientName ?? client.clientId }),
    // The sign-in may end at another page of the first party (oidc.md 15).
    { formActions: ['https:'] },
  );
}

/** To where codes are entered: with what was wrong, where something was. */
async function sendToInput(
  parts: DeviceParts,
  ctx: KoaContextWithOIDC,
  error: Error | undefined,
): Promise<void> {
  const fault = error && (BAD_CODES.includes(error.name) ? 'incorrect' : 'interrupted');
  const uri = (await inputUriOf(ctx)) ?? (await parts.sharedInputUri());
  if (!uri) {
    const question = { action: actionOf(ctx), uiLocales: askedLocales(ctx), fault } as const;
    return sendPage(ctx, ctx.status === 404 ? 200 : ctx.status, inputPage(pageLanguage(ctx), question));
  }
  if (fault !== undefined) return passOn(ctx, ctx.status, uri, { error: PUBLISHED[fault] });
  ctx.status = 303;
  ctx.set('Cache-Control', 'no-store');
  ctx.redirect(uri);
}

/** Of the client that the code or the request's `client_id` names; empty where it has none, undefined without a client. */
async function inputUriOf(ctx: KoaContextWithOIDC): Promise<string | undefined> {
  const { deviceCode, provider, client } = ctx.oidc;
  const named = deviceCode?.clientId ?? ctx.query.client_id;
  const found = client ?? (typeof named === 'string' ? await findClient(provider, named) : undefined);
  return found && settingsOf(found).device.input_uri;
}

/** A SAML client is not one of this flow (C27). */
const findClient = (provider: KoaContextWithOIDC['oidc']['provider'], id: string) =>
  provider.Client.find(id).catch(() => undefined);

/** What the approval page says, in the engine's words. */
export function toEngineForm(form: URLSearchParams): void {
  const approved = form.getAll('approved');
  form.delete('approved');
  if (approved.length !== 1) return;
  if (approved[0] === 'true') form.set('confirm', 'yes');
  if (approved[0] === 'false') form.set('abort', 'yes');
}

/** True for a form from the client's own site: browsers send it without our cookies, which are SameSite=Lax. */
export function cameWithoutCookies(ctx: Context, cookie: string): boolean {
  if (ctx.cookies.get(cookie, { signed: false }) !== undefined) return false;
  const origin = ctx.get('origin');
  return origin !== '' && URL.parse(origin)?.host !== ctx.host;
}
