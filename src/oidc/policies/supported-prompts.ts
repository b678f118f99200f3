/** Decides which prompts an authorization request may name: those of the client's list (R75 to R77, contract D7). */
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { requestState } from '../request-state.ts';
import { settingsOf } from './client-settings.ts';

/**
 * Runs at the authorization endpoint and at PAR, before any page.
 * @throws InvalidRequest naming the prompt that is not on the list.
 */
export function refuseUnsupportedPrompt(ctx: KoaContextWithOIDC, _value: unknown, client: Client): void {
  // A ticket's prompt is ours, not the caller's.
  if (requestState().ticket) return;
  const supported = settingsOf(client).supportedPrompts;
  const refused = sentPrompts(ctx).find((prompt) => !supported.includes(prompt));
  if (refused !== undefined)
    throw new errors.InvalidRequest(
      `the prompt "${refused}" is not among the supported prompts of this client`,
    );
}

/** As sent: the engine writes `login` into the parameters where max_age=0 asks for it, which is not a prompt sent. */
function sentPrompts(ctx: KoaContextWithOIDC): string[] {
  const sent: unknown = ctx.method === 'POST' ? ctx.oidc.body?.prompt : ctx.query.prompt;
  return typeof sent === 'string' ? sent.split(' ').filter(Boolean) : [];
}
