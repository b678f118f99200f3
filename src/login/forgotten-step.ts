/** The forgotten password: who it is, and where the code goes. Strangers see the same pages and get no code. */
import { passwordSettings } from '../applications/sign-in-settings.ts';
import { html } from '../http/html.ts';
import type { UserStore } from '../users/user-store.ts';
import type { ContactCodes } from './contact-codes.ts';
import { field, identifierField, sideButton } from './form-parts.ts';
import type { Channel, ResetDraft } from './progress.ts';
import { type Outcome, type Problem, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';
import { cleanIdentifier, contactOf, whoIsMeant } from './who-is-meant.ts';

export interface ForgottenParts {
  readonly codes: ContactCodes;
  readonly users: Pick<UserStore, 'findCandidate'>;
}

export const forgottenStep = (parts: ForgottenParts): Step => ({
  name: 'forgotten',
  isOpen: ({ hosted }) => hosted.forgotten_password,
  show,
  async submit(visit, fields) {
    const typed = (fields.get('identifier') ?? '').trim();
    if (typed === '') return problem(400, visit.texts.noIdentifier, { field: 'identifier' });
    const channel = fields.get('channel') === 'sms' ? 'sms' : 'email';
    await visit.save({ identifier: typed });
    return sendResetCode(parts, visit, begin(visit, typed, channel));
  },
});

const OTHER = { email: 'sms', sms: 'email' } as const;

/** Where the application wants two factors for a reset, the other channel has to be proved, too. */
function begin({ application }: Visit, identifier: string, channel: Channel): ResetDraft {
  const { requireMfa } = passwordSettings(application);
  const awaited = requireMfa ? [channel, OTHER[channel]] : [channel];
  return { identifier, subject: '', awaited, proved: [] };
}

function show(visit: Visit, fault?: Problem): StepPage {
  const { texts, progress, details } = visit;
  const identifier = fault?.typed?.identifier ?? progress.identifier ?? details.loginHint;
  return {
    heading: texts.resetTitle,
    lead: html`<p>${texts.resetLead}</p>`,
    form: html`
${field(identifierField(visit, identifier), fault, true)}
<button type="submit" name="channel" value="email" id="reset-email">${texts.resetBy.email}</button>
<button type="submit" name="channel" value="sms" class="quiet">${texts.resetBy.sms}</button>
${sideButton('restart', texts.signIn)}`,
  };
}

/** Sends a code to the channel that is awaited next. @throws 429 */
export async function sendResetCode(
  { codes, users }: ForgottenParts,
  visit: Visit,
  draft: ResetDraft,
): Promise<Outcome> {
  const [channel = 'email'] = draft.awaited;
  const identifier = cleanIdentifier(draft.identifier);
  const user = await whoIsMeant(users, visit, identifier);
  const to = contactOf(user, channel);
  const subject = user?.userId ?? `?:${identifier.toLowerCase()}`;
  const userId = user?.userId;
  await codes.send(visit, { channel, purpose: 'reset', subject, to, typed: identifier, userId });
  await visit.save({ reset: { ...draft, subject } });
  return { go: 'reset-code' };
}
