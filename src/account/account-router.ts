/** Routes of the account pages: who is signed in, whether that is recent enough, and whether a form is ours. */
import Router from '@koa/router';
import type { Context } from 'koa';
import { AppError, forbidden } from '../base/errors.ts';
import type { TenantId } from '../base/ids.ts';
import { TextCodeError } from '../base/text-code-error.ts';
import { MFA } from '../factors/factor.ts';
import { reauthenticationRequired } from '../factors/factor-faults.ts';
import { isRecentSignIn } from '../factors/recent-sign-in.ts';
import { hasSecondFactor, isStrongSignIn, type SecondFactorSources } from '../factors/strong-sign-in.ts';
import { type FormFields, guardField, isGuarded, isOwnOrigin, readForm } from '../http/form-guard.ts';
import { sendPage } from '../http/html.ts';
import { notice } from '../http/layout.ts';
import { isStorable } from '../http/validate.ts';
import type { SessionOf } from '../oidc/sessions/browser-session.ts';
import { HOUSE_CALLBACK, type LoginHandoff, type LoginWish } from '../oidc/sessions/login-handoff.ts';
import type { AccountTexts, DoneText } from '../texts/account-text-shape.ts';
import { ACCOUNT_TEXTS } from '../texts/account-texts.ts';
import { chooseLanguage, type Language } from '../texts/language.ts';
import type { MembershipListStore } from '../users/membership-list-store.ts';
import type { UserStore } from '../users/user-store.ts';
import { frame } from './frame.ts';
import type { AccountPage, Faults, Outcome, View, Visit } from './visit.ts';

export interface AccountRouterParts extends SecondFactorSources {
  readonly tenantId: TenantId;
  readonly houseName: () => string;
  readonly handoff: LoginHandoff;
  readonly sessionOf: SessionOf;
  readonly users: Pick<UserStore, 'find'>;
  readonly memberships: Pick<MembershipListStore, 'list'>;
  readonly pages: readonly AccountPage[];
}

type Proof = Pick<LoginWish, 'prompt' | 'acrValues'>;

const PURPOSE = 'account';

/** GET and POST of every page, and the place where a sign-in comes back to. */
export function createAccountRouter(parts: AccountRouterParts): Router {
  const desk = new AccountDesk(parts);
  const router = new Router();
  router.get(HOUSE_CALLBACK, (ctx) => desk.comeBack(ctx));
  for (const page of parts.pages) {
    router.get(page.path, (ctx) => desk.show(ctx, page));
    if (page.submit) router.post(page.path, (ctx) => desk.submit(ctx, page));
    if (page.start) router.post(`${page.path}/start`, (ctx) => desk.start(ctx, page));
  }
  return router;
}

const languageOf = (ctx: Context): Language => {
  const { ui_locales: wanted } = ctx.query;
  return chooseLanguage(typeof wanted === 'string' ? wanted.split(' ') : [], ctx.get('Accept-Language'));
};

class AccountDesk {
  readonly #parts: AccountRouterParts;
  constructor(parts: AccountRouterParts) {
    this.#parts = parts;
  }

  async show(ctx: Context, page: AccountPage): Promise<void> {
    const visit = await this.#visit(ctx);
    if (!visit) return this.#signIn(ctx, page);
    const wish = page.recent === 'always' ? await this.#missingProof(visit, page) : undefined;
    if (wish) return this.#signIn(ctx, page, wish);
    this.#send(visit, page, { view: await page.show(visit), done: doneText(ctx, visit.t) });
  }

  async submit(ctx: Context, page: AccountPage): Promise<void> {
    const fields = await readForm(ctx);
    const visit = await this.#visit(ctx);
    if (!visit) return this.#signIn(ctx, page);
    if (!isGuarded(ctx, fields))
      return this.#refuse(visit, page, { problems: [visit.t.foreignForm], fields: new Map(), status: 403 });
    if (!isStorable(Object.fromEntries(fields)))
      return this.#refuse(visit, page, { problems: [visit.t.badText], fields: new Map() });
    const wish = page.recent === 'never' ? undefined : await this.#missingProof(visit, page);
    if (wish) return this.#signIn(ctx, page, wish);
    await this.#answer(visit, page, fields, await this.#outcome(visit, page, fields));
  }

  /** For a script of ours, which cannot follow a browser to the sign-in. @throws 403 */
  async start(ctx: Context, page: AccountPage): Promise<void> {
    const visit = await this.#visit(ctx);
    if (!visit) throw forbidden('You are not signed in; open the page again');
    if (!isOwnOrigin(ctx)) throw forbidden('The request does not come from our own page');
    if (await this.#missingProof(visit, page)) throw reauthenticationRequired();
    ctx.set('Cache-Control', 'no-store');
    ctx.body = await page.start?.(visit);
  }

  /** What the services refuse is said on the page; what is not there is a page of its own. */
  async #outcome(visit: Visit, page: AccountPage, fields: FormFields): Promise<Outcome> {
    try {
      return (await page.submit?.(visit, fields)) ?? { faults: { problems: [], status: 405 } };
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500 || error.status === 404) throw error;
      if (error.retryAfterSeconds !== undefined)
        visit.ctx.set('Retry-After', String(error.retryAfterSeconds));
      const known = wordOf(error, visit.t);
      return { faults: { problems: [known ?? `${error.message}.`], status: error.status } };
    }
  }

  async #answer(visit: Visit, page: AccountPage, fields: FormFields, outcome: Outcome): Promise<void> {
    if (outcome === 'answered') return;
    if ('done' in outcome) return seeOther(visit.ctx, `${outcome.to ?? page.path}?done=${outcome.done}`);
    if ('view' in outcome) return this.#send(visit, page, outcome);
    await this.#refuse(visit, page, { ...outcome.faults, fields });
  }

  async #refuse(visit: Visit, page: AccountPage, faults: Faults): Promise<void> {
    this.#send(visit, page, { view: await page.show(visit, faults), status: faults.status ?? 400 });
  }

  /** Another user's answer does not count: the session of the browser has to be the one that has signed in. */
  async comeBack(ctx: Context): Promise<void> {
    const outcome = await this.#parts.handoff.answer(ctx, PURPOSE);
    const lang = languageOf(ctx);
    const t = ACCOUNT_TEXTS[lang];
    if (outcome.outcome === 'refused') return sendPage(ctx, 400, notice(lang, t.notSignedIn, t.signInEnded));
    const session = await this.#parts.sessionOf(ctx);
    if (outcome.outcome === 'foreign' || session?.uid !== outcome.answer.sessionUid)
      return sendPage(ctx, 400, notice(lang, t.notSignedIn, t.signInForeign));
    seeOther(ctx, outcome.returnTo);
  }

  async #visit(ctx: Context): Promise<Visit | undefined> {
    const { tenantId, users, memberships } = this.#parts;
    const session = await this.#parts.sessionOf(ctx);
    const user = session && (await users.find(tenantId, session.userId));
    if (!session || !user) return undefined;
    const language = languageOf(ctx);
    return {
      ctx,
      tenantId,
      userId: user.userId,
      session,
      user,
      memberships: await memberships.list(tenantId, user.userId),
      language,
      t: ACCOUNT_TEXTS[language],
      guard: guardField(ctx),
    };
  }

  /**
   * Whoever finds an open browser must not be able to change how its owner signs in, nor who has the password alone
   * where a second factor is asked for.
   */
  async #missingProof(visit: Visit, page: AccountPage): Promise<Proof | undefined> {
    const { session } = visit;
    const isStrong = isStrongSignIn(session.amr) || (await page.hasOwnProof?.(visit)) === true;
    const lacksSecond = !isStrong && (await hasSecondFactor(this.#parts, visit));
    const isRecent = isRecentSignIn(session.authTime);
    if (isRecent && !lacksSecond) return undefined;
    return { ...(!isRecent && { prompt: 'login' }), ...(lacksSecond && { acrValues: MFA }) };
  }

  #signIn(ctx: Context, page: AccountPage, proof: Proof = {}): Promise<void> {
    const { ui_locales: uiLocales } = ctx.query;
    return this.#parts.handoff.start(ctx, {
      returnTo: page.path,
      purpose: PURPOSE,
      ...(typeof uiLocales === 'string' && { uiLocales }),
      ...proof,
    });
  }

  #send(
    { ctx, language, t }: Visit,
    { path }: AccountPage,
    { view, status = 200, done }: { view: View; status?: number; done?: string | undefined },
  ): void {
    const { houseName } = this.#parts;
    const page = frame({ view, path, houseName: houseName(), language, t, done });
    sendPage(ctx, status, page, { policy: view.policy?.(page.nonce) ?? [] });
  }
}

/** The refusals that people meet have words in every language; the others are for those who build their own forms. */
function wordOf(error: AppError, { errors }: AccountTexts): string | undefined {
  const code = error instanceof TextCodeError ? error.textCode : error.tsErrorCode;
  const name = error.status === 429 ? 'too_many' : (code ?? '');
  return Object.hasOwn(errors, name) ? errors[name as keyof typeof errors] : undefined;
}

function doneText(ctx: Context, t: AccountTexts): string | undefined {
  const { done } = ctx.query;
  return typeof done === 'string' && Object.hasOwn(t.done, done) ? t.done[done as DoneText] : undefined;
}

function seeOther(ctx: Context, address: string): void {
  ctx.status = 303;
  ctx.set('Cache-Control', 'no-store');
  ctx.redirect(address);
}
