/** Starts passkey ceremonies for the script of the hosted pages: a challenge is made when a browser can use it, not with every page. */
import Router from '@koa/router';
import type { Context } from 'koa';
import { notFound } from '../base/errors.ts';
import { CEREMONY_SECONDS } from '../factors/passkey-session.ts';
import type { InteractionDetails, InteractionDoor } from '../oidc/sessions/interaction.ts';
import type { PasskeyParts } from './check-passkey.ts';

const PROMPTS = { login: 'login', 'second-factor': 'second_factor' } as const;
type Folder = keyof typeof PROMPTS;

export const startPath = (folder: Folder, uid: string): string => `/${folder}/${uid}/passkey/start`;

export interface PasskeyStartParts extends Omit<PasskeyParts, 'admission'> {
  readonly interactions: Pick<InteractionDoor, 'details'>;
}

/** POST `/login/:uid/passkey/start` and `/second-factor/:uid/passkey/start`. */
export function createPasskeyStartRouter(parts: PasskeyStartParts): Router {
  const router = new Router();
  for (const folder of Object.keys(PROMPTS) as Folder[])
    router.post(startPath(folder, ':uid'), async (ctx) => {
      const details = await question(parts, ctx, folder);
      ctx.set('Cache-Control', 'no-store');
      ctx.body = await start(parts, details, folder);
    });
  return router;
}

/** @throws 404 unless this browser's interaction is the one of the address, and asks for this */
async function question(
  { interactions }: PasskeyStartParts,
  ctx: Context,
  folder: Folder,
): Promise<InteractionDetails> {
  const details = await interactions.details(ctx);
  const isOpen = details?.uid === (ctx.params as { uid?: string }).uid && details?.prompt === PROMPTS[folder];
  if (!details || !isOpen) throw notFound('This sign-in is no longer open');
  return details;
}

/** As a second factor only the passkeys of the session's user are asked for. */
async function start(
  { places, authentication }: PasskeyStartParts,
  { tenantId, clientId, userId }: InteractionDetails,
  folder: Folder,
): Promise<object> {
  const place = await places.ofHostedPages(tenantId, clientId);
  const { sessionId, options } = await authentication.start(place, {
    // The identifier page may stand open for a while before somebody picks a passkey.
    timeoutSeconds: CEREMONY_SECONDS.max,
    ...(folder === 'second-factor' && { userId }),
  });
  return { webauthn_session_id: sessionId, options };
}
