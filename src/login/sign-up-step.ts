/** The sign-up form. It makes nobody: what it reads waits until the contact is confirmed (sign-up-code-step.ts). */
import { passwordSettings } from '../applications/sign-in-settings.ts';
import type { FormFields } from '../http/form-guard.ts';
import { type Html, html } from '../http/html.ts';
import { fill } from '../texts/language.ts';
import { passwordRule } from '../texts/password-rule-texts.ts';
import type { PasswordHasher } from '../users/password.ts';
import type { PasswordRules } from '../users/password-rules.ts';
import { type Field, field, mainButton, newPasswordField, sideButton } from './form-parts.ts';
import type { SignUpDraft } from './progress.ts';
import { type ConfirmParts, sendConfirmation } from './sign-up-code-step.ts';
import { readSignUp, type SignUpFault } from './sign-up-draft.ts';
import type { SignUpLimit } from './sign-up-limit.ts';
import { contactField, maySignUp, type SignUpForm, signUpForm } from './sign-up-rules.ts';
import { type Outcome, type Problem, problem, type Step, type StepPage } from './step.ts';
import type { Visit } from './visit.ts';
import type { Ways } from './ways.ts';

export interface SignUpParts extends ConfirmParts {
  readonly ways: Ways;
  readonly hasher: Pick<PasswordHasher, 'hash'>;
  readonly rules: Pick<PasswordRules, 'validatePassword'>;
  readonly signUpLimit: SignUpLimit;
}

export const signUpStep = (parts: SignUpParts): Step => ({
  name: 'sign-up',
  isOpen: maySignUp,
  show: (visit, fault) => show(parts, visit, fault),
  submit: (visit, fields) => submit(parts, visit, fields),
});

const KINDS: Readonly<
  Record<string, Pick<Field, 'type' | 'autocomplete' | 'inputmode' | 'maxlength' | 'isName'>>
> = {
  email: { type: 'email', autocomplete: 'email', inputmode: 'email', maxlength: 254 },
  phone_number: { type: 'tel', autocomplete: 'tel', inputmode: 'tel', maxlength: 30 },
  username: { autocomplete: 'username', maxlength: 128 },
  first_name: { autocomplete: 'given-name', isName: true, maxlength: 30 },
  last_name: { autocomplete: 'family-name', isName: true, maxlength: 30 },
  birthday: { autocomplete: 'bday', maxlength: 10 },
};

function show({ ways }: SignUpParts, visit: Visit, fault?: Problem): StepPage {
  const { texts, application } = visit;
  const form = signUpForm(visit, ways);
  const contact = contactField(form.contact);
  const count = passwordSettings(application).policy.minLength;
  const one = (name: string, isOptional: boolean, focus = false): Html => {
    const label = texts.fields[name] ?? name;
    const kind = KINDS[name] ?? { autocomplete: 'off', maxlength: 255 };
    const value = fault?.typed?.[name] ?? (focus ? firstGuess(visit, form) : undefined);
    const shown = isOptional ? fill(texts.optional, { label }) : label;
    return field({ id: name, label: shown, ...kind, value, isOptional }, fault, focus);
  };
  return {
    heading: texts.signUp,
    form: html`
${one(contact, false, true)}
${form.asksUsername && one('username', false)}
${form.asksPassword && field(newPasswordField('password', texts.password, fill(texts.passwordHint, { count })), fault)}
${form.fields.map((name) => one(name, true))}
${mainButton('sign-up-submit', texts.createAccount)}
${sideButton('restart', texts.haveAccount, 'quiet')}`,
  };
}

/** What was typed on the first page, where it can be the contact. */
function firstGuess({ progress, details }: Visit, { contact }: SignUpForm): string | undefined {
  const typed = progress.identifier ?? details.loginHint;
  return typed !== undefined && typed.includes('@') === (contact === 'email') ? typed : undefined;
}

async function submit(parts: SignUpParts, visit: Visit, fields: FormFields): Promise<Outcome> {
  const { texts, details, ctx } = visit;
  const form = signUpForm(visit, parts.ways);
  const { draft, faults } = readSignUp(form, fields, texts);
  const password = fields.get('password') ?? '';
  const all = [...faults, ...(form.asksPassword ? await passwordFaults(parts, visit, draft, password) : [])];
  const typed = Object.fromEntries([...fields].filter(([name]) => name in KINDS));
  const [first] = all;
  if (first)
    return {
      problem: { status: 400, sentences: all.map(({ sentence }) => sentence), field: first.field, typed },
    };
  const until = await parts.signUpLimit.count(details.tenantId, ctx.ip);
  if (until) return tooMany(visit, until, typed);
  const passwordHash = form.asksPassword ? await parts.hasher.hash(password) : undefined;
  return sendConfirmation(parts, visit, { ...draft, ...(passwordHash !== undefined && { passwordHash }) });
}

async function passwordFaults(
  { rules }: SignUpParts,
  { application, language }: Visit,
  { contacts, username }: SignUpDraft,
  password: string,
): Promise<SignUpFault[]> {
  const identifiers = [...contacts.map(({ to }) => to), ...(username === undefined ? [] : [username])];
  const { policy } = passwordSettings(application);
  const problems = await rules.validatePassword(policy, password, { identifiers });
  return problems.map((problem) => ({ field: 'password', sentence: passwordRule(language, problem) }));
}

const tooMany = ({ texts }: Visit, until: Date, typed: Record<string, string>): Outcome =>
  problem(429, texts.tooManySignUps, {
    typed,
    retryAfterSeconds: Math.max(1, Math.ceil((until.getTime() - Date.now()) / 1000)),
  });
