/** Routes of consent: Tessera's own page, and the way to the first party's page and back (oidc.md 15). */
import Router from '@koa/router';
import type { Context } from 'koa';
import { AppError } from '../base/errors.ts';
import type { TenantId } from '../base/ids.ts';
import type { ConsentRequest } from '../consents/consent.ts';
import type { ConsentService } from '../consents/consent-service.ts';
import { type FormFields, guardField, isGuarded, readForm } from '../http/form-guard.ts';
import { sendPage } from '../http/html.ts';
import type { InteractionDoor } from '../oidc/sessions/interaction.ts';
import { closedConsentPage, consentPage, malformedAnswerPage } from './consent-page.ts';
import { formActions } from './form-actions.ts';
import type { RunnerParts } from './step-runner.ts';

type Details = NonNullable<Awaited<ReturnType<InteractionDoor['details']>>>;
/** An interaction that asks this user, in this browser, for consent. */
type Question = Details & Required<Pick<Details, 'userId'>>;

export interface ConsentRouterParts extends Pick<RunnerParts, 'interactions' | 'clients'> {
  readonly consents: Pick<ConsentService, 'give' | 'deny'>;
  readonly resources: {
    findByUri(tenantId: TenantId, uri: string): Promise<{ name: string; uri: string } | undefined>;
  };
}

interface Fault {
  readonly status: number;
  readonly sentence: string;
}

const FOREIGN = 'The form could not be matched to this browser. Please allow cookies and send it again.';
const UNDECIDED = 'Please choose Allow or Deny.';
const DENIED = 'User denied consent to requested scope';
const SECONDS_OF_A_DAY = 86_400;
const INTERACTION_ID = /^[\w-]{20,64}$/;

/** GET and POST `/consent/:uid`, GET `/consent/:uid/answer`, GET `/auth/consent/callback`. */
export function createConsentRouter(parts: ConsentRouterParts): Router {
  const steps = new ConsentSteps(parts);
  const router = new Router();
  router.get('/auth/consent/callback', (ctx) => receiveAnswer(ctx));
  router.get('/consent/:uid', (ctx) => steps.show(ctx));
  router.post('/consent/:uid', (ctx) => steps.submit(ctx));
  router.get('/consent/:uid/answer', (ctx) => steps.takeAnswer(ctx));
  return router;
}

/**
 * The first party's page sends the browser here. The interaction's cookie lies below the interaction's own address,
 * so the answer is taken there: only the browser that began the interaction has it, and two tabs do not disturb each other.
 */
function receiveAnswer(ctx: Context): void {
  const { src_interaction: uid, approved } = ctx.query;
  if (typeof uid === 'string' && INTERACTION_ID.test(uid) && isDecision(approved))
    seeOther(ctx, `/consent/${uid}/answer?approved=${approved}`);
  else sendPage(ctx, 400, malformedAnswerPage());
}

function seeOther(ctx: Context, address: string): void {
  ctx.status = 303;
  ctx.set('Cache-Control', 'no-store');
  ctx.redirect(address);
}

const isDecision = (value: unknown): value is 'true' | 'false' => value === 'true' || value === 'false';

/** C12; the query that the URI has stays as it is. */
const pageAddress = (uri: string, question: Question): string => {
  const query = new URLSearchParams({
    src_interaction: question.uid,
    requested_scope: JSON.stringify(question.scopes),
  });
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`;
};

const requestOf = ({ tenantId, clientId, userId, scopes, resource }: Question): ConsentRequest => ({
  tenantId,
  clientId,
  userId,
  scopes,
  resource,
});

class ConsentSteps {
  readonly #parts: ConsentRouterParts;
  constructor(parts: ConsentRouterParts) {
    this.#parts = parts;
  }

  async show(ctx: Context): Promise<void> {
    const question = await this.#question(ctx);
    if (!question) return sendPage(ctx, 400, closedConsentPage());
    await this.#ask(ctx, question);
  }

  async submit(ctx: Context): Promise<void> {
    const fields = await readFields(ctx);
    const question = await this.#question(ctx);
    if (!question) return sendPage(ctx, 400, closedConsentPage());
    const fault = formFault(ctx, fields);
    if (fault) return this.#ask(ctx, question, fault);
    await this.#decide(ctx, question, (fields as FormFields).get('decision') === 'allow');
  }

  /** The answer that came through the callback; good only where the question was put by the first party's page. */
  async takeAnswer(ctx: Context): Promise<void> {
    const question = await this.#question(ctx);
    const { approved } = ctx.query;
    if (!question?.consentPage || !isDecision(approved)) return sendPage(ctx, 400, closedConsentPage());
    await this.#decide(ctx, question, approved === 'true');
  }

  /** Undefined unless this browser's interaction is the one of the address, and asks a signed-in user for consent. */
  async #question(ctx: Context): Promise<Question | undefined> {
    const details = await this.#parts.interactions.details(ctx);
    if (details?.uid !== (ctx.params as { uid?: string }).uid) return undefined;
    return details?.prompt === 'consent' && details.userId !== undefined ? (details as Question) : undefined;
  }

  async #decide(ctx: Context, question: Question, isAllowed: boolean): Promise<void> {
    const { interactions, consents } = this.#parts;
    if (!(await interactions.claimAnswer(question.uid))) return sendPage(ctx, 400, closedConsentPage());
    if (isAllowed) {
      await consents.give(requestOf(question), question.consentValidity);
      return interactions.finishConsent(ctx);
    }
    await consents.deny(requestOf(question));
    await interactions.refuse(ctx, 'access_denied', DENIED);
  }

  async #ask(ctx: Context, question: Question, fault?: Fault): Promise<void> {
    // The toggle went off while the question was open: a first party's consent needs no page (R79, R89).
    if (!question.isThirdParty) return this.#parts.interactions.finishConsent(ctx);
    if (question.consentPage === undefined) return this.#render(ctx, question, fault);
    seeOther(ctx, pageAddress(question.consentPage, question));
  }

  async #render(ctx: Context, question: Question, fault: Fault | undefined): Promise<void> {
    const { tenantId, clientId, clientName, appName, scopes, customMessage } = question;
    const client = await this.#parts.clients.find(tenantId, clientId);
    const resource = await this.#resource(question);
    const shown = consentPage({
      clientName,
      appName,
      scopes,
      days: Math.floor(question.consentValidity / SECONDS_OF_A_DAY),
      guard: guardField(ctx),
      ...(resource && { resource }),
      ...(customMessage !== undefined && { customMessage }),
      ...(fault && { fault: fault.sentence }),
    });
    sendPage(ctx, fault?.status ?? 200, shown, { formActions: formActions(client) });
  }

  async #resource({ tenantId, resource }: Question): Promise<{ name: string; uri: string } | undefined> {
    if (resource === '') return undefined;
    return (await this.#parts.resources.findByUri(tenantId, resource)) ?? { name: resource, uri: resource };
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

function formFault(ctx: Context, fields: FormFields | AppError): Fault | undefined {
  if (fields instanceof AppError) return { status: fields.status, sentence: `${fields.message}.` };
  if (!isGuarded(ctx, fields)) return { status: 403, sentence: FOREIGN };
  return ['allow', 'deny'].includes(fields.get('decision') ?? '')
    ? undefined
    : { status: 400, sentence: UNDECIDED };
}
