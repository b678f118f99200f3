/** The page that offers a passkey after a sign-in, at an address of its own, and the start of its ceremony. */
import Router from '@koa/router';
import { forbidden, notFound } from '../base/errors.ts';
import { isOwnOrigin } from '../http/form-guard.ts';
import { type PasskeyOfferStepParts, passkeyOfferStep, startOffered } from './passkey-offer-step.ts';
import { createStepRouter, type RunnerParts } from './step-runner.ts';

const PROMPT = 'passkey_offer';

/** GET and POST `/passkey-offer/:uid`, and POST `/passkey-offer/:uid/start` for the script of the page. */
export function createPasskeyOfferRouter(parts: RunnerParts & PasskeyOfferStepParts): Router {
  const router = new Router();
  router.post('/passkey-offer/:uid/start', async (ctx) => {
    const details = await parts.interactions.details(ctx);
    const isOpen = details?.uid === (ctx.params as { uid?: string }).uid && details?.prompt === PROMPT;
    if (!details || !isOpen) throw notFound('This sign-in is no longer open');
    if (!isOwnOrigin(ctx)) throw forbidden('The request does not come from our own page');
    ctx.set('Cache-Control', 'no-store');
    ctx.body = await startOffered(parts, details);
  });
  const steps = createStepRouter(parts, {
    folder: 'passkey-offer',
    prompt: PROMPT,
    steps: [passkeyOfferStep(parts)],
  });
  return router.use(steps.routes());
}
