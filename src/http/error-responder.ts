/** The only place where an error becomes a response: `{message, error_code}`, or a small page for a browser. */
import type Koa from 'koa';
import { AppError, busy } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { TextCodeError } from '../base/text-code-error.ts';
import { isPassing } from '../storage/database.ts';
import { FAULT_PAGE_TEXTS, faultPage } from '../texts/fault-page-texts.ts';
import { chooseLanguage } from '../texts/language.ts';
import { html, sendPage } from './html.ts';
import { layout } from './layout.ts';
import { isScimPath, SCIM_TYPE, scimErrorBody } from './scim-error.ts';

interface HttpFault {
  readonly status: number;
  readonly expose: boolean;
  readonly message: string;
}

/** Outermost middleware. Unknown errors are logged and answered 500 without detail (contract D14, C2). */
export const errorResponder =
  (log: Logger): Koa.Middleware =>
  async (ctx, next) => {
    try {
      await next();
    } catch (thrown) {
      return respond(ctx, toAppError(thrown, log));
    }
    if (ctx.respond === false || ctx.headerSent || ctx.status < 400 || hasBody(ctx)) return;
    respond(ctx, new AppError(ctx.status, unansweredMessage(ctx.status)));
  };

const hasBody = (ctx: Koa.Context): boolean => ctx.body !== undefined && ctx.body !== null;

const unansweredMessage = (status: number): string =>
  ({ 404: 'Not found', 405: 'Method not allowed', 501: 'Method not implemented' })[status] ??
  'Request refused';

function toAppError(thrown: unknown, log: Logger): AppError {
  if (thrown instanceof AppError) {
    if (thrown.status >= 500) log.error({ err: thrown }, thrown.message);
    return thrown;
  }
  // Koa's own errors, such as a malformed path, say what is wrong with the request.
  const fault = thrown as HttpFault | null | undefined;
  if (fault?.expose === true && fault.status >= 400 && fault.status < 500)
    return new AppError(fault.status, fault.message);
  if (isPassing(thrown)) {
    log.error({ err: thrown }, 'the database could not serve this request at this moment');
    return busy('The server is busy; send the request again', 1);
  }
  log.error({ err: thrown }, 'unexpected error');
  return new AppError(500, 'Internal error');
}

function respond(ctx: Koa.Context, error: AppError): void {
  ctx.status = error.status;
  ctx.set('cache-control', 'no-store');
  if (error.status === 401) ctx.set('www-authenticate', error.challenge ?? 'Bearer');
  if (error.retryAfterSeconds !== undefined) ctx.set('retry-after', String(error.retryAfterSeconds));
  if (isScimPath(ctx.path)) {
    ctx.type = SCIM_TYPE;
    ctx.body = scimErrorBody(error);
  } else if (ctx.accepts('json', 'html') === 'html') respondPage(ctx, error);
  else ctx.body = errorBody(error);
}

/** The JSON form; a 400 always has the array form. */
export const errorBody = (error: AppError): Record<string, unknown> =>
  error instanceof TextCodeError
    ? { message: error.message, error_code: error.textCode, ...error.members }
    : {
        message: error.status === 400 ? [...(error.problems ?? [error.message])] : error.message,
        error_code: error.status,
        ...(error.tsErrorCode !== undefined && { ts_error_code: error.tsErrorCode }),
        ...error.members,
      };

/** Words for the person by the status, and below them what developers read, in English. */
function respondPage(ctx: Koa.Context, error: AppError): void {
  const lang = chooseLanguage([], ctx.get('Accept-Language'));
  const { title, sentence } = FAULT_PAGE_TEXTS[lang][faultPage(error.status)];
  const body = html`<h1>${title}</h1><p>${sentence}</p><p class="soft" lang="en">${error.status}: ${error.message}</p>`;
  sendPage(ctx, error.status, layout({ title, lang, body }));
}
