/** A new password after a reset: the proof that the codes gave is used up by it, other sessions end, and it signs in. */
import { passwordSettings } from '../applications/sign-in-settings.ts';
import type { UserId } from '../base/ids.ts';
import type { OneTimeLinks } from '../factors/one-time-link.ts';
import { html } from '../http/html.ts';
import type { InteractionDoor } from '../oidc/sessions/interaction.ts';
import { fill } from '../texts/language.ts';
import { passwordRule } from '../texts/password-rule-texts.ts';
import type { Admission } from '../users/admission.ts';
import { ownerOf, type PasswordRules } from '../users/password-rules.ts';
import type { PasswordService } from '../users/password-service.ts';
import { isOwnContact, type ProvedContact } from '../users/proved-contact.ts';
import type { UserStore } from '../users/user-store.ts';
import { field, mainButton, newPasswordField } from './form-parts.ts';
import type { ResetDraft } from './progress.ts';
import { type Outcome, type Problem, problem, type Step } from './step.ts';
import type { Visit } from './visit.ts';

export interface NewPasswordParts {
  readonly links: Pick<OneTimeLinks, 'find' | 'redeem'>;
  readonly rules: Pick<PasswordRules, 'validatePassword'>;
  readonly users: Pick<UserStore, 'find' | 'findMember'>;
  readonly passwords: Pick<PasswordService, 'reset'>;
  readonly admission: Pick<Admission, 'signedIn'>;
  readonly interactions: Pick<InteractionDoor, 'leaveSession'>;
}

export const RESET_PROOF = 'hosted_reset';
export interface ResetProof {
  readonly userId: UserId;
  /** Where the codes went. */
  readonly contacts: readonly ProvedContact[];
}

export const newPasswordStep = (parts: NewPasswordParts): Step => ({
  name: 'new-password',
  isOpen: ({ progress }) => progress.reset?.proof !== undefined,
  show: (visit, fault) => ({
    heading: visit.texts.chooseNewPassword,
    form: html`
${newPasswordInput(visit, fault, true)}
${mainButton('password-submit', visit.texts.savePassword)}`,
  }),
  async submit(visit, fields) {
    const { reset } = visit.progress;
    return reset ? renew(parts, visit, reset, fields.get('password') ?? '') : { go: '' };
  },
});

export const newPasswordInput = (visit: Visit, fault: Problem | undefined, focus: boolean) => {
  const count = passwordSettings(visit.application).policy.minLength;
  const { texts } = visit;
  return field(
    newPasswordField('password', texts.newPassword, fill(texts.passwordHint, { count })),
    fault,
    focus,
  );
};

/** Everything that the application finds wrong with it; undefined where it is good. */
export async function passwordProblem(
  { rules, users }: Pick<NewPasswordParts, 'rules' | 'users'>,
  { details, application, language }: Visit,
  userId: UserId,
  password: string,
): Promise<{ problem: Problem } | undefined> {
  // The username belongs to the application; somebody who is not a member yet has none here.
  const { tenantId } = details;
  const member = await users.findMember({ tenantId }, 'userId', userId);
  const { policy } = passwordSettings(application);
  const found = await rules.validatePassword(policy, password, member && ownerOf(member));
  if (found.length === 0) return undefined;
  const sentences = found.map((problem) => passwordRule(language, problem));
  return { problem: { status: 400, sentences, field: 'password' } };
}

async function renew(
  parts: NewPasswordParts,
  visit: Visit,
  draft: ResetDraft,
  password: string,
): Promise<Outcome> {
  const { details, application, texts, ctx } = visit;
  const { tenantId, appId } = details;
  const { proof = '', proved } = draft;
  const over = problem(400, texts.resetOver);
  const found = await parts.links.find<ResetProof>(tenantId, RESET_PROOF, proof);
  const owner = found && (await parts.users.find(tenantId, found.userId));
  if (!owner || !found.contacts.every((contact) => isOwnContact(owner, contact))) return over;
  const fault = await passwordProblem(parts, visit, found.userId, password);
  if (fault) return fault;
  const used = await parts.links.redeem<ResetProof>(tenantId, RESET_PROOF, proof);
  if (!used) return over;
  // The reset ends every session of the user, this browser's too, which the interaction would miss.
  await parts.interactions.leaveSession(ctx);
  await parts.passwords.reset(tenantId, used.userId, password, {
    settings: passwordSettings(application),
    appId,
    proved: used.contacts,
  });
  const [factor = 'eotp'] = proved;
  const user = await parts.admission.signedIn({ tenantId, appId, factor, ip: ctx.ip }, used.userId);
  return user ? { signedIn: user.userId, factors: proved } : over;
}
