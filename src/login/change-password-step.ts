/** A password that has served its time: the right old one, given again, is replaced before anybody is signed in. */
import { passwordSettings } from '../applications/sign-in-settings.ts';
import type { FormFields } from '../http/form-guard.ts';
import { html } from '../http/html.ts';
import type { PasswordService } from '../users/password-service.ts';
import { lockedProblem } from './check-password.ts';
import { field, mainButton, sideButton } from './form-parts.ts';
import { type NewPasswordParts, newPasswordInput, passwordProblem } from './new-password-step.ts';
import { type Outcome, type Problem, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';

export interface ChangeParts
  extends Pick<NewPasswordParts, 'rules' | 'users' | 'admission' | 'interactions'> {
  readonly passwords: Pick<PasswordService, 'change'>;
}

export const changePasswordStep = (parts: ChangeParts): Step => ({
  name: 'change-password',
  isOpen: ({ progress }) => progress.change !== undefined,
  show,
  submit: (visit, fields) => submit(parts, visit, fields),
});

function show(visit: Visit, fault?: Problem): StepPage {
  const { texts, progress } = visit;
  const label = texts.currentPassword;
  const current = { id: 'current', label, type: 'password', autocomplete: 'current-password' } as const;
  return {
    heading: texts.changeTitle,
    lead: html`<p>${texts.changeLead[progress.change?.reason ?? 'expired']}</p>`,
    form: html`
${field({ ...current, maxlength: 256 }, fault, true)}
${newPasswordInput(visit, fault, false)}
${mainButton('password-submit', texts.savePassword)}
${sideButton('restart', texts.restart)}`,
  };
}

async function submit(parts: ChangeParts, visit: Visit, fields: FormFields): Promise<Outcome> {
  const { texts, progress, ctx, details, application } = visit;
  const userId = progress.change?.userId;
  if (userId === undefined) return { go: '' };
  const [current, next] = [fields.get('current') ?? '', fields.get('password') ?? ''];
  if (current === next && next !== '') return problem(400, texts.samePassword, { field: 'password' });
  const fault = await passwordProblem(parts, visit, userId, next);
  if (fault) return fault;
  const { tenantId, appId } = details;
  // The change ends every session of the user, this browser's too, which the interaction would miss.
  await parts.interactions.leaveSession(ctx);
  const who = { tenantId, userId, ip: ctx.ip };
  const changed = await parts.passwords.change(who, { current, next }, passwordSettings(application));
  if (changed.outcome === 'locked') return lockedProblem(texts, changed.until, { field: 'current' });
  if (changed.outcome === 'wrong') return problem(401, texts.wrongCurrent, { field: 'current' });
  const arrival = { tenantId, appId, factor: 'pwd', ip: ctx.ip };
  const user = await parts.admission.signedIn(arrival, userId);
  return user ? { signedIn: user.userId, factors: ['pwd'] } : { go: '' };
}
