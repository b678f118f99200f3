/** Runs a list of steps under one address per interaction: what every hosted page has in common is done here. */
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Application } from '../applications/application.ts';
import { AppError } from '../base/errors.ts';
import type { AppId, ClientId, TenantId } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import { type FormFields, guardField, isGuarded, readForm } from '../http/form-guard.ts';
import { sendPage } from '../http/html.ts';
import type { InteractionDoor } from '../oidc/sessions/interaction.ts';
import type { SignInPolicyStore } from '../sso/sign-in-policy-store.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import { chooseLanguage, fill } from '../texts/language.ts';
import { LOGIN_TEXTS } from '../texts/login-texts.ts';
import { isStorableText } from '../users/user.ts';
import { brandPolicy } from './brand.ts';
import { formActions, type RedirectingClient } from './form-actions.ts';
import { framedPage, plainNotice } from './login-frame.ts';
import { type Progress, ProgressStore } from './progress.ts';
import { type Outcome, type Problem, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';
import { visitRules } from './visit-rules.ts';

export interface RunnerParts {
  readonly interactions: InteractionDoor;
  readonly ephemeral: EphemeralStore;
  readonly applications: { find(tenantId: TenantId, appId: AppId): Promise<Application | undefined> };
  readonly policies: Pick<SignInPolicyStore, 'findForClient'>;
  readonly clients: { find(tenantId: TenantId, clientId: ClientId): Promise<RedirectingClient | undefined> };
  readonly log: Logger;
}

export interface StepList {
  /** First part of the address; the engine sends the browser there (oidc/prompts/interaction-path.ts). */
  readonly folder: 'login' | 'second-factor' | 'passkey-offer';
  readonly prompt: 'login' | 'second_factor' | 'passkey_offer';
  /** The first has the empty name. */
  readonly steps: readonly [Step, ...Step[]];
}

/** More than any field of a form has; a passkey's answer is longer than a password. */
const MAX_FIELD = 8192;
const CANCELLED = 'The user cancelled the sign-in';

/** GET and POST `/<folder>/:uid` and `/<folder>/:uid/:step`. */
export function createStepRouter(parts: RunnerParts, list: StepList): Router {
  const runner = new StepRunner(parts, list);
  const router = new Router();
  for (const path of [`/${list.folder}/:uid`, `/${list.folder}/:uid/:step`]) {
    router.get(path, (ctx) => runner.show(ctx));
    router.post(path, (ctx) => runner.submit(ctx));
  }
  return router;
}

type Parameters = { uid?: string; step?: string };

class StepRunner {
  readonly #parts: RunnerParts;
  readonly #list: StepList;
  readonly #progress: ProgressStore;
  constructor(parts: RunnerParts, list: StepList) {
    this.#parts = parts;
    this.#list = list;
    this.#progress = new ProgressStore(parts.ephemeral);
  }

  async show(ctx: Context): Promise<void> {
    const visit = await this.#visit(ctx);
    if (!visit) return this.#closed(ctx);
    const step = this.#step(ctx);
    const arrived = await step?.arrive?.(visit);
    if (arrived) return this.#follow(visit, step as Step, arrived);
    const open = this.#open(step, visit);
    if (open !== step) return this.#seeOther(visit, open.name);
    await this.#render(visit, open);
  }

  async submit(ctx: Context): Promise<void> {
    const fields = await readFields(ctx);
    const visit = await this.#visit(ctx);
    if (!visit) return this.#closed(ctx);
    const step = this.#step(ctx);
    if (!step?.isOpen(visit)) return this.#seeOther(visit, '');
    if (fields instanceof AppError)
      return this.#render(visit, step, { status: fields.status, sentences: [`${fields.message}.`] });
    if (!isGuarded(ctx, fields))
      return this.#render(visit, step, { status: 403, sentences: [visit.texts.foreign] });
    // What cannot be kept must not come as far as the store.
    if (![...fields.values()].every((text) => isStorableText(text) && text.length <= MAX_FIELD))
      return this.#render(visit, step, { status: 400, sentences: [visit.texts.unusable] });
    await this.#follow(visit, step, await this.#answer(visit, step, fields));
  }

  #step(ctx: Context): Step | undefined {
    const { step = '' } = ctx.params as Parameters;
    return this.#list.steps.find(({ name }) => name === step);
  }

  /** The step to be shown: that of the address, or of the progress where the address is the first or out of turn. */
  #open(asked: Step | undefined, visit: Visit): Step {
    if (asked && asked.name !== '' && asked.isOpen(visit)) return asked;
    const current = this.#list.steps.find(({ name }) => name === (visit.progress.open ?? ''));
    return current?.isOpen(visit) ? current : this.#list.steps[0];
  }

  /** Undefined where there is no such interaction, it asks for something else, or another browser began it. */
  async #visit(ctx: Context): Promise<Visit | undefined> {
    const { interactions, applications } = this.#parts;
    const details = await interactions.details(ctx);
    if (details?.uid !== (ctx.params as Parameters).uid) return undefined;
    if (details?.prompt !== this.#list.prompt) return undefined;
    const { tenantId, appId, uid, uiLocales } = details;
    const stored = await applications.find(tenantId, appId);
    if (!stored) return undefined;
    const { application, rules, version } = await visitRules(this.#parts.policies, details, stored);
    const language = chooseLanguage(uiLocales, ctx.get('Accept-Language'));
    const found = await this.#progress.find(tenantId, uid);
    // What was proved under rules that hold no more is proved to nobody.
    let progress = (found.rules ?? version) === version ? found : {};
    const store = async (next: Progress): Promise<void> => {
      progress = { ...next, rules: version };
      await this.#progress.put(tenantId, uid, progress);
    };
    return {
      ctx,
      details,
      application,
      hosted: application.settings.hosted_login,
      ...(rules && { rules }),
      rulesVersion: version,
      language,
      texts: LOGIN_TEXTS[language],
      get progress() {
        return progress;
      },
      save: (news) => store({ ...progress, ...news } as Progress),
      forget: () => store({ another: true }),
    };
  }

  async #answer(visit: Visit, step: Step, fields: FormFields): Promise<Outcome> {
    const action = fields.get('action');
    if (action === 'cancel') return { cancelled: true };
    if (action === 'restart') {
      await visit.forget();
      return { go: '' };
    }
    try {
      return await step.submit(visit, fields);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return this.#overload(visit, error, fields);
    }
  }

  /** Limits of the whole server and of one recipient; any other error is no matter of the form. */
  #overload({ texts, details }: Visit, error: AppError, fields: FormFields): Outcome {
    const retryAfterSeconds = error.retryAfterSeconds ?? 1;
    const identifier = fields.get('identifier') ?? '';
    const more = { retryAfterSeconds, typed: { identifier } };
    if (error.status === 503) {
      this.#parts.log.warn({ clientId: details.clientId }, 'sign-in refused: the password queue is full');
      return problem(503, texts.tooBusy, more);
    }
    if (error.status === 429) return problem(429, fill(texts.tooOften, { seconds: retryAfterSeconds }), more);
    throw error;
  }

  async #follow(visit: Visit, step: Step, outcome: Outcome): Promise<void> {
    const { ctx, details } = visit;
    const { interactions } = this.#parts;
    if ('problem' in outcome) return this.#render(visit, step, outcome.problem);
    if ('once' in outcome) return this.#send(visit, outcome.once);
    if ('go' in outcome) {
      await visit.save({ open: outcome.go });
      return this.#seeOther(visit, outcome.go);
    }
    await this.#progress.remove(details.tenantId, details.uid);
    if ('cancelled' in outcome) return interactions.refuse(ctx, 'access_denied', CANCELLED);
    if ('refused' in outcome) return interactions.refuse(ctx, outcome.refused, outcome.description);
    if ('signInAgain' in outcome) return interactions.signInAgain(ctx);
    if ('offerAnswered' in outcome) return interactions.finishPasskeyOffer(ctx);
    if ('proved' in outcome) return interactions.finishSecondFactor(ctx, outcome.proved);
    await interactions.finishLogin(ctx, {
      userId: outcome.signedIn,
      factors: outcome.factors,
      isNewUser: outcome.isNewUser ?? false,
      rules: visit.rulesVersion,
    });
  }

  #seeOther({ ctx, details: { uid } }: Visit, step: string): void {
    ctx.status = 303;
    ctx.set('Cache-Control', 'no-store');
    ctx.redirect(`/${this.#list.folder}/${uid}${step === '' ? '' : `/${step}`}`);
  }

  async #render(visit: Visit, step: Step, fault?: Problem): Promise<void> {
    if (fault?.retryAfterSeconds !== undefined) visit.ctx.set('Retry-After', String(fault.retryAfterSeconds));
    await this.#send(visit, await step.show(visit, fault), fault);
  }

  async #send(visit: Visit, shown: StepPage, fault?: Problem): Promise<void> {
    const { ctx, details, application } = visit;
    const client = await this.#parts.clients.find(details.tenantId, details.clientId);
    const page = framedPage(visit, shown, guardField(ctx), fault);
    sendPage(ctx, fault?.status ?? 200, page, {
      formActions: formActions(client),
      policy: [...brandPolicy(application.settings.logo), ...(shown.policy?.(page.nonce) ?? [])],
    });
  }

  #closed(ctx: Context): void {
    const language = chooseLanguage([], ctx.get('Accept-Language'));
    const texts = LOGIN_TEXTS[language];
    const own = this.#step(ctx)?.strangerPage?.(texts, language);
    sendPage(ctx, 400, own ?? plainNotice(language, texts.closed));
  }
}

async function readFields(ctx: Context): Promise<FormFields | AppError> {
  try {
    return await readForm(ctx);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
