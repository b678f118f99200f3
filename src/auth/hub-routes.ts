/** The row with which the Authentication Hub's back end says that it has signed a user in (contract/authentication.md 10). */
import type { UserCaller } from '../base/caller.ts';
import { forbidden, invalid } from '../base/errors.ts';
import { bodyOf, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { HubAnswers } from '../oidc/sessions/hub-answers.ts';
import type { HubSignIns } from '../oidc/sessions/hub-sign-in.ts';
import { hubCompleted, hubCompletion } from './hub-schema.ts';

export interface HubRouteParts {
  readonly hub: Pick<HubSignIns, 'find' | 'byToken' | 'isAwaited'>;
  readonly answers: Pick<HubAnswers, 'keep'>;
  readonly origin: string;
}

export const hubRoutes = (parts: HubRouteParts): Row[] => [
  {
    method: 'post',
    path: '/auth/centralized/callback',
    tokens: ['user'],
    permissions: [],
    status: 200,
    operation: {
      id: 'completeCentralizedLogin',
      summary:
        'Say as the Authentication Hub that a user has signed in; the browser goes to the URL of the answer',
      tag: 'Authentication',
      body: hubCompletion,
      answer: hubCompleted,
    },
    handle: (ctx, caller: UserCaller) => complete(parts, caller, bodyOf(ctx)),
  },
];

async function complete(
  { hub, answers, origin }: HubRouteParts,
  caller: UserCaller,
  body: unknown,
): Promise<{ result: string }> {
  const { src_interaction: uid, session_id: sessionId } = validate(hubCompletion, body);
  if ((await hub.find())?.appId !== caller.appId)
    throw forbidden('The token must be one of the Authentication Hub');
  const signIn = await hub.byToken(caller, sessionId);
  if (!signIn)
    throw invalid('session_id must name the session that the token came from, and it must not be over');
  if (!(await hub.isAwaited(uid)))
    throw invalid('src_interaction is unknown or over; the person has to start again at the application');
  return { result: `${origin}${await answers.keep(uid, { signIn })}` };
}
