/** Routes of the Authentication Hub: the way to its page, and its answer by code or error (authentication.md 10). */
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Application } from '../applications/application.ts';
import type { AppId, TenantId } from '../base/ids.ts';
import { isOwnOrigin } from '../http/form-guard.ts';
import { sendPage } from '../http/html.ts';
import type { HubAnswers } from '../oidc/sessions/hub-answers.ts';
import type { HubSignIn, HubSignIns } from '../oidc/sessions/hub-sign-in.ts';
import type { InteractionDetails, InteractionDoor } from '../oidc/sessions/interaction.ts';
import { chooseLanguage } from '../texts/language.ts';
import { LOGIN_TEXTS } from '../texts/login-texts.ts';
import type { Admission } from '../users/admission.ts';
import { awaited, forget, remember } from './hub-cookie.ts';
import { plainNotice } from './login-frame.ts';

export interface HubRouterParts {
  readonly interactions: Pick<
    InteractionDoor,
    'details' | 'letGoOfSession' | 'finishCentralLogin' | 'refuse'
  >;
  readonly hub: Pick<HubSignIns, 'find' | 'byCode'>;
  readonly answers: HubAnswers;
  readonly admission: Pick<Admission, 'signedIn'>;
  readonly applications: { find(tenantId: TenantId, appId: AppId): Promise<Application | undefined> };
}

const NOT_SIGNED_IN = 'The Authentication Hub did not sign the user in';
const ERROR_WORD = /^[a-z_]{1,64}$/;

/** GET `/hub/:uid`, GET `/hub/:uid/answer`, GET `/auth/centralized/callback`. */
export function createHubRouter(parts: HubRouterParts): Router {
  const router = new Router();
  router.get('/hub/:uid', (ctx) => goToHub(parts, ctx));
  router.get('/hub/:uid/answer', (ctx) => takeAnswer(parts, ctx));
  router.get('/auth/centralized/callback', (ctx) => receiveAnswer(parts, ctx));
  return router;
}

async function goToHub({ interactions, hub }: HubRouterParts, ctx: Context): Promise<void> {
  const question = await questionOf(interactions, ctx);
  if (!question) return closed(ctx);
  const found = await hub.find();
  if (!found)
    return interactions.refuse(ctx, 'access_denied', 'The tenant has no Authentication Hub any more');
  await interactions.letGoOfSession(ctx);
  remember(ctx, question.uid);
  const query = new URLSearchParams({ src_interaction: question.uid });
  seeOther(ctx, `${found.loginUri}${found.loginUri.includes('?') ? '&' : '?'}${query}`);
}

/**
 * The hub sends the browser here. The cookie says for which interaction; the answer itself is taken at the address of the
 * interaction, whose own cookie only the browser that began it has.
 */
async function receiveAnswer({ hub, answers }: HubRouterParts, ctx: Context): Promise<void> {
  const { src_interaction, code, error } = ctx.query;
  const uid = awaited(ctx, src_interaction);
  if (uid === undefined) return closed(ctx);
  if (typeof error === 'string') {
    // Any page can send a browser here; what it waits for goes on.
    if (src_interaction === undefined && !(await isSentByHub(hub, ctx))) return closed(ctx);
    const reason = ERROR_WORD.test(error) ? `: ${error}` : '';
    return seeOther(ctx, await answers.keep(uid, { refused: `${NOT_SIGNED_IN}${reason}` }));
  }
  const signIn = typeof code === 'string' ? await hub.byCode(ctx, code) : undefined;
  // The interaction stays open: whoever sent a code that is no good must not end it.
  if (!signIn) return closed(ctx);
  seeOther(ctx, await answers.keep(uid, { signIn }));
}

/**
 * Who names the interaction has been told of it. An answer that leaves it to the cookie shows no such thing, so the browser
 * must not say that another page than the hub's sent it; a browser that says nothing of it is as good as its cookie.
 */
async function isSentByHub(hub: Pick<HubSignIns, 'find'>, ctx: Context): Promise<boolean> {
  if (isOwnOrigin(ctx)) return true;
  const [found, from] = [await hub.find(), URL.parse(ctx.get('Referer'))];
  return found !== undefined && from?.origin === new URL(found.loginUri).origin;
}

async function takeAnswer(parts: HubRouterParts, ctx: Context): Promise<void> {
  const { interactions, answers } = parts;
  const question = await questionOf(interactions, ctx);
  const { answer: secret } = ctx.query;
  if (!question || typeof secret !== 'string') return closed(ctx);
  const answer = await answers.take(question.uid, secret);
  if (!answer) return closed(ctx);
  forget(ctx, question.uid);
  if ('refused' in answer) return interactions.refuse(ctx, 'access_denied', answer.refused);
  await associate(parts, ctx, question, answer.signIn);
  await interactions.finishCentralLogin(ctx, answer.signIn);
}

/** With `createNewUser` and public sign-up the hub's user belongs to the application that asked. */
async function associate(
  { applications, admission }: HubRouterParts,
  ctx: Context,
  { tenantId, appId, createNewUser, isThirdParty }: InteractionDetails,
  { userId, amr }: HubSignIn,
): Promise<void> {
  if (!createNewUser || isThirdParty) return;
  const application = await applications.find(tenantId, appId);
  if (!application?.settings.allow_public_signup) return;
  await admission.signedIn({ tenantId, appId, factor: amr.join(' '), ip: ctx.ip }, userId);
}

/** The interaction of this address, where it was begun by this browser and waits for a sign-in at the hub. */
async function questionOf(
  interactions: HubRouterParts['interactions'],
  ctx: Context,
): Promise<InteractionDetails | undefined> {
  const details = await interactions.details(ctx);
  const { uid } = ctx.params as { uid?: string };
  return details?.uid === uid && details?.prompt === 'login' && details.wantsHub ? details : undefined;
}

function closed(ctx: Context): void {
  const language = chooseLanguage([], ctx.get('Accept-Language'));
  sendPage(ctx, 400, plainNotice(language, LOGIN_TEXTS[language].closed));
}

function seeOther(ctx: Context, address: string): void {
  ctx.status = 303;
  ctx.set('Cache-Control', 'no-store');
  ctx.redirect(address);
}
