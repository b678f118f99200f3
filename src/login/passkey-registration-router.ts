/** The hosted page on which a user registers a passkey, opened with a token of the application's backend (contract/authentication.md 8). */
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Application } from '../applications/application.ts';
import { senderOf } from '../applications/application-sender.ts';
import { AppError, notFound } from '../base/errors.ts';
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import { tellOwner } from '../factors/account-notice.ts';
import { registrationAnswer } from '../factors/passkey-answer-schema.ts';
import type { ExternalPasskeys } from '../factors/passkey-external.ts';
import type { PasskeyHint, PasskeyHints } from '../factors/passkey-hint.ts';
import type { PasskeyPlaces } from '../factors/passkey-places.ts';
import type { PasskeyRegistration } from '../factors/passkey-registration.ts';
import type { SignInMessages } from '../factors/sign-in-messages.ts';
import { type FormFields, guardField, isGuarded, readForm } from '../http/form-guard.ts';
import { formTargets } from '../http/form-target.ts';
import { sendPage } from '../http/html.ts';
import { parseObject } from '../http/json-body.ts';
import { notice } from '../http/layout.ts';
import { PASSKEY_FIELD } from '../http/passkey-form.ts';
import { passkeyPolicy } from '../http/passkey-script.ts';
import { chooseLanguage, type Language } from '../texts/language.ts';
import { LOGIN_TEXTS } from '../texts/login-texts.ts';
import { PASSKEY_TEXTS } from '../texts/passkey-texts.ts';
import type { UserStore } from '../users/user-store.ts';
import { brandPolicy } from './brand.ts';
import { registrationPage } from './passkey-registration-page.ts';

export interface PasskeyRegistrationParts {
  readonly tenantId: TenantId;
  readonly applications: { find(tenantId: TenantId, appId: AppId): Promise<Application | undefined> };
  readonly places: Pick<PasskeyPlaces, 'ofHostedPages'>;
  readonly registration: Pick<PasskeyRegistration, 'start'>;
  readonly external: Pick<ExternalPasskeys, 'findHinted' | 'registerHinted'>;
  readonly hints: Pick<PasskeyHints, 'find' | 'use'>;
  readonly users: Pick<UserStore, 'find'>;
  readonly messages: Pick<SignInMessages, 'announce'>;
}

const PATH = '/hosted/passkey/passkey-registration';
const TOKEN = 'register_webauthn_cred_token';

interface Asked {
  readonly token: string;
  readonly hint: PasskeyHint;
  readonly application: Application;
}

/** GET and POST of the page, and POST of its `/start`. */
export function createPasskeyRegistrationRouter(parts: PasskeyRegistrationParts): Router {
  const pages = new RegistrationPages(parts);
  const router = new Router();
  router.get(PATH, (ctx) => pages.show(ctx));
  router.post(PATH, (ctx) => pages.submit(ctx));
  router.post(`${PATH}/start`, (ctx) => pages.start(ctx));
  return router;
}

const languageOf = (ctx: Context): Language => chooseLanguage([], ctx.get('Accept-Language'));

class RegistrationPages {
  readonly #parts: PasskeyRegistrationParts;
  constructor(parts: PasskeyRegistrationParts) {
    this.#parts = parts;
  }

  async show(ctx: Context): Promise<void> {
    const asked = await this.#asked(ctx);
    if (asked) this.#render(ctx, asked);
    else this.#closed(ctx);
  }

  async start(ctx: Context): Promise<void> {
    const asked = await this.#asked(ctx);
    if (!asked) throw notFound('This page is no longer open');
    const { tenantId, places, registration, external } = this.#parts;
    const { hint } = asked;
    const place = await places.ofHostedPages(tenantId, hint.clientId);
    const userId = await external.findHinted(tenantId, hint);
    const { sessionId, options } = await registration.start(place, { username: hint.identifier, userId });
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { webauthn_session_id: sessionId, options };
  }

  async submit(ctx: Context): Promise<void> {
    const fields = await readForm(ctx);
    const asked = await this.#asked(ctx);
    if (!asked) return this.#closed(ctx);
    const language = languageOf(ctx);
    if (!isGuarded(ctx, fields)) return this.#render(ctx, asked, 403, LOGIN_TEXTS[language].foreign);
    if (fields.get('action') === 'cancel') return this.#back(ctx, asked, { error: 'access_denied' });
    if ((fields.get(PASSKEY_FIELD) ?? '') === '')
      return this.#render(ctx, asked, 400, PASSKEY_TEXTS[language].createFailed);
    await this.#register(ctx, asked, fields);
  }

  /** The token is good for one attempt, whatever comes of it. */
  async #register(ctx: Context, asked: Asked, fields: FormFields): Promise<void> {
    const { tenantId, hints, external } = this.#parts;
    const { token, hint } = asked;
    if (!(await hints.use(tenantId, token))) return this.#closed(ctx);
    try {
      const answer = registrationAnswer(parseObject(Buffer.from(fields.get(PASSKEY_FIELD) ?? '')));
      const { credentialId, userId } = await external.registerHinted(tenantId, hint, answer);
      await this.#tell(asked.application, userId, languageOf(ctx));
      this.#back(ctx, asked, { credential_id: credentialId });
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      const language = languageOf(ctx);
      const { closed, createRefused } = PASSKEY_TEXTS[language];
      sendPage(ctx, 400, notice(language, closed.title, createRefused));
    }
  }

  async #tell(application: Application, userId: UserId, language: Language): Promise<void> {
    const { tenantId, users, messages } = this.#parts;
    const user = await users.find(tenantId, userId);
    if (user)
      await tellOwner(messages, { user, sender: senderOf(application), what: 'passkeyAdded', language });
  }

  async #asked(ctx: Context): Promise<Asked | undefined> {
    const token = ctx.query[TOKEN];
    if (typeof token !== 'string') return undefined;
    const { tenantId, hints, applications } = this.#parts;
    const hint = await hints.find(tenantId, token);
    const application = hint && (await applications.find(tenantId, hint.appId));
    return application && { token, hint, application };
  }

  #back(ctx: Context, { token, hint }: Asked, more: Record<string, string>): void {
    const query = new URLSearchParams({
      user_identifier: hint.identifier,
      ...(hint.externalUserId !== undefined && { external_user_id: hint.externalUserId }),
      ...more,
      [TOKEN]: token,
    });
    ctx.status = 303;
    ctx.set('Cache-Control', 'no-store');
    ctx.redirect(`${hint.redirectUri}${hint.redirectUri.includes('?') ? '&' : '?'}${query}`);
  }

  #render(ctx: Context, { token, hint, application }: Asked, status = 200, fault?: string): void {
    const language = languageOf(ctx);
    const start = `${PATH}/start?${new URLSearchParams({ [TOKEN]: token })}`;
    const page = registrationPage({
      application,
      language,
      start,
      identifier: hint.identifier,
      fault,
      guard: guardField(ctx),
    });
    sendPage(ctx, status, page, {
      formActions: formTargets([hint.redirectUri]),
      policy: [...brandPolicy(application.settings.logo), ...passkeyPolicy(page.nonce)],
    });
  }

  #closed(ctx: Context): void {
    const language = languageOf(ctx);
    const { title, sentences } = PASSKEY_TEXTS[language].closed;
    sendPage(ctx, 400, notice(language, title, ...sentences));
  }
}
