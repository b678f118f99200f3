/** Asks for a sign-in where the browser's session is none for this client: of another kind, of other rules, or too old. */
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { rulesIn, signsInOnPagesOnly } from '../../clients/client-group.ts';
import { settingsOf } from '../policies/client-settings.ts';
import { type KindOwner, marksAfter } from '../policies/session-kind.ts';
import { isTooOld } from '../policies/session-lifetime.ts';
import { requestState } from '../request-state.ts';
import { keepMarks, markOfSession, marksOf } from '../session-memory.ts';
import { ranRules } from '../sessions/interaction.ts';

const { Check } = interactionPolicy;
type Oidc = KoaContextWithOIDC['oidc'];

const now = (): number => Math.floor(Date.now() / 1000);
const ownerOf = (client: NonNullable<Oidc['client']>): KindOwner => ({
  clientId: client.clientId,
  group: settingsOf(client).group,
});

/** The sign-in of this very request, if there is one, is noted first: the checks of a prompt are asked in their order. */
export const sessionKind = () =>
  new Check(
    'session_kind',
    'the session of this browser is none for this client',
    'login_required',
    ({ oidc }) => {
      const { client, session } = oidc;
      if (!client || !session?.accountId) return Check.NO_NEED_TO_PROMPT;
      const owner = ownerOf(client);
      refuseTickets(owner);
      noteSignIn(oidc, owner, session);
      return markOfSession(owner, session) ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT;
    },
  );

export const sessionAge = () =>
  new Check('session_expiration', 'the session is too old for this client', 'login_required', ({ oidc }) => {
    const { client, session, result } = oidc;
    if (!client || !session || result?.login !== undefined) return Check.NO_NEED_TO_PROMPT;
    const at = markOfSession(ownerOf(client), session)?.at;
    return isTooOld(settingsOf(client), at, now()) ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
  });

/** The policy runs on the pages. A ticket may be older than the client's membership, so it is looked at here, too. */
function refuseTickets({ group }: KindOwner): void {
  if (requestState().ticket && signsInOnPagesOnly({ ...(group && { group }) }))
    throw new errors.AccessDenied(
      'the client group of this client has a sign-in policy, which the authentication API does not run',
    );
}

function noteSignIn({ result, entities }: Oidc, owner: KindOwner, session: object): void {
  const at = (session as { loginTs?: number }).loginTs ?? now();
  const answered = result?.login === undefined ? undefined : entities.Interaction?.prompt.name;
  const isSignIn =
    requestState().ticket !== undefined ||
    // Pages that went by other rules than those of now have signed in to nothing.
    (answered === 'login' && ranRules(result) === rulesIn(owner.group));
  const isContinued = answered === 'second_factor' && markOfSession(owner, session) !== undefined;
  if (isSignIn || isContinued) keepMarks(session, marksAfter(owner, marksOf(session), { at, now: now() }));
}
