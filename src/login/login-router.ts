/** Routes of the hosted sign-in: one address per interaction, GET shows what is asked, POST answers it. */
import Router from '@koa/router';
import type { Context } from 'koa';
import { AppError } from '../base/errors.ts';
import type { AppId, ClientId, TenantId } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import { type FormFields, guardField, isGuarded, readForm } from '../http/form-guard.ts';
import { type Page, sendPage } from '../http/html.ts';
import type { InteractionDoor } from '../oidc/sessions/interaction.ts';
import type { PasswordSettings } from '../users/password-policy.ts';
import type { PasswordSignIn, SignInOutcome } from '../users/password-sign-in.ts';
import { formActions, type RedirectingClient } from './form-actions.ts';
import { expiredPage, loginPage } from './login-pages.ts';

type Details = NonNullable<Awaited<ReturnType<InteractionDoor['details']>>>;

export interface LoginParts {
  readonly interactions: InteractionDoor;
  readonly passwords: Pick<PasswordSignIn, 'signIn'>;
  /** What the application asks of passwords. */
  settingsOf(tenantId: TenantId, appId: AppId): Promise<PasswordSettings>;
  readonly clients: { find(tenantId: TenantId, clientId: ClientId): Promise<RedirectingClient | undefined> };
  readonly log: Logger;
}

/** What a page is shown with after a submit that did not work. */
interface Fault {
  readonly status: number;
  readonly sentence: string;
  readonly identifier?: string;
}

const FOREIGN = 'The form could not be matched to this browser. Please allow cookies and send it again.';
const WRONG = 'The identifier or the password is not right.';
const OUTDATED =
  'Your password has to be changed before you can sign in. Please ask the application for a new one.';
const EMPTY = 'Please enter your identifier and your password.';
const TOO_BUSY = 'Too many people are signing in at the moment. Please try again in a second.';

/** GET and POST `/login/:uid`. */
export function createLoginRouter(parts: LoginParts): Router {
  const steps = new LoginSteps(parts);
  const router = new Router();
  router.get('/login/:uid', (ctx) => steps.show(ctx));
  router.post('/login/:uid', (ctx) => steps.submit(ctx));
  return router;
}

/** What is said to a person who is not signed in; the same whether or not there is such a user. */
function refusal(ctx: Context, refused: Exclude<SignInOutcome, { outcome: 'ok' }>): Fault {
  if (refused.outcome === 'wrong') return { status: 401, sentence: WRONG };
  if (refused.outcome !== 'locked') return { status: 403, sentence: OUTDATED };
  const seconds = Math.max(1, Math.ceil((refused.until.getTime() - Date.now()) / 1000));
  ctx.set('Retry-After', String(seconds));
  return { status: 429, sentence: lockedSentence(Math.ceil(seconds / 60)) };
}

const lockedSentence = (minutes: number): string =>
  `There were too many failed attempts. Please try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`;

class LoginSteps {
  readonly #parts: LoginParts;
  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  async show(ctx: Context): Promise<void> {
    const details = await this.#details(ctx);
    if (details === undefined) return sendPage(ctx, 400, expiredPage());
    await this.#render(ctx, details);
  }

  async submit(ctx: Context): Promise<void> {
    const fields = await this.#readForm(ctx);
    const details = await this.#details(ctx);
    if (details === undefined) return sendPage(ctx, 400, expiredPage());
    if (fields instanceof AppError)
      return this.#render(ctx, details, { status: fields.status, sentence: `${fields.message}.` });
    if (!isGuarded(ctx, fields)) return this.#render(ctx, details, { status: 403, sentence: FOREIGN });
    const fault = await this.#signIn(ctx, details, fields);
    if (fault !== undefined) await this.#render(ctx, details, fault);
  }

  /** The interaction, if its address is the one that was called. */
  async #details(ctx: Context): Promise<Details | undefined> {
    const details = await this.#parts.interactions.details(ctx);
    return details?.uid === (ctx.params as { uid?: string }).uid ? details : undefined;
  }

  async #readForm(ctx: Context): Promise<FormFields | AppError> {
    try {
      return await readForm(ctx);
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  }

  async #signIn(ctx: Context, details: Details, fields: FormFields): Promise<Fault | undefined> {
    const identifier = (fields.get('identifier') ?? '').trim();
    const password = fields.get('password') ?? '';
    if (identifier === '' || password === '') return { status: 400, sentence: EMPTY, identifier };
    try {
      const { tenantId, appId } = details;
      const settings = await this.#parts.settingsOf(tenantId, appId);
      const attempt = { tenantId, appId, identifier, password, ip: ctx.ip, settings };
      const signedIn = await this.#parts.passwords.signIn(attempt);
      if (signedIn.outcome !== 'ok') return { ...refusal(ctx, signedIn), identifier };
      await this.#parts.interactions.finishLogin(ctx, { userId: signedIn.user.userId, factors: ['pwd'] });
      return undefined;
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 503) throw error;
      this.#parts.log.warn({ clientId: details.clientId }, 'sign-in refused: the password queue is full');
      ctx.set('Retry-After', String(error.retryAfterSeconds ?? 1));
      return { status: 503, sentence: TOO_BUSY, identifier };
    }
  }

  async #render(ctx: Context, details: Details, fault?: Fault): Promise<void> {
    const client = await this.#parts.clients.find(details.tenantId, details.clientId);
    const shown = this.#page(ctx, details, fault);
    sendPage(ctx, fault?.status ?? 200, shown, { formActions: formActions(client) });
  }

  #page(ctx: Context, details: Details, fault: Fault | undefined): Page {
    const identifier = fault?.identifier ?? details.loginHint;
    const common = {
      clientName: details.clientName,
      guard: guardField(ctx),
      ...(details.customMessage !== undefined && { customMessage: details.customMessage }),
      ...(fault && { fault: fault.sentence }),
    };
    return loginPage({ ...common, ...(identifier !== undefined && { identifier }) });
  }
}
