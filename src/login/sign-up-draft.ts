/** Reads the sign-up form: everything that is wrong with it, or the draft of a user. */

import type { FormFields } from '../http/form-guard.ts';
import { isMailAddress } from '../messages/message-rules.ts';
import type { LoginTexts } from '../texts/login-text-shape.ts';
import { isStorableText, normalEmail, type UserProfile } from '../users/user.ts';
import type { SignUpDraft } from './progress.ts';
import { contactField, type SignUpForm } from './sign-up-rules.ts';
import { cleanIdentifier } from './who-is-meant.ts';

export interface SignUpFault {
  readonly field: string;
  readonly sentence: string;
}

const E164 = /^\+[1-9]\d{5,14}$/;
const MAX_NAME = 30;

const isDate = (text: string): boolean => {
  const time = Date.parse(`${text}T00:00:00Z`);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time);
  return isDay && new Date(time).toISOString().startsWith(text) && time < Date.now();
};
/** What looks like an email or a number could be taken for somebody else's. */
const isUsername = (text: string): boolean =>
  text.length <= 128 && isStorableText(text) && !text.includes('@') && !/^\+?\d*$/.test(text);

interface Rule {
  readonly isGood: (text: string) => boolean;
  readonly sentence: (texts: LoginTexts) => string;
}
const NAME: Rule = {
  isGood: (text) => [...text].length <= MAX_NAME && isStorableText(text),
  sentence: (texts) => texts.badName,
};
const RULES: Readonly<Record<string, Rule>> = {
  email: { isGood: isMailAddress, sentence: (texts) => texts.badEmail },
  phone_number: { isGood: (text) => E164.test(text), sentence: (texts) => texts.badPhone },
  username: { isGood: isUsername, sentence: (texts) => texts.badUsername },
  birthday: { isGood: isDate, sentence: (texts) => texts.badBirthday },
  first_name: NAME,
  last_name: NAME,
};

const textOf = (fields: FormFields, name: string): string => {
  const text = (fields.get(name) ?? '').trim();
  if (name === 'email') return normalEmail(text);
  return name === 'phone_number' ? cleanIdentifier(text) : text;
};

/** Without the password, which the policy checks. */
export function readSignUp(
  form: SignUpForm,
  fields: FormFields,
  texts: LoginTexts,
): { readonly draft: SignUpDraft; readonly faults: readonly SignUpFault[] } {
  const required = [contactField(form.contact), ...(form.asksUsername ? ['username'] : [])];
  const asked = [...required, ...form.fields];
  const values = new Map(asked.map((name) => [name, textOf(fields, name)]));
  const faults = asked.flatMap((name) => {
    const [value = '', rule] = [values.get(name), RULES[name]];
    const isFine = value === '' ? !required.includes(name) : (rule?.isGood(value) ?? false);
    return isFine || !rule ? [] : [{ field: name, sentence: rule.sentence(texts) }];
  });
  return { draft: toDraft(form, values), faults };
}

function toDraft({ contact }: SignUpForm, values: ReadonlyMap<string, string>): SignUpDraft {
  const given = (name: string): string | undefined => values.get(name) || undefined;
  const [email, phone, username] = [given('email'), given('phone_number'), given('username')];
  const contacts = [
    ...(email === undefined ? [] : [{ channel: 'email' as const, to: email }]),
    ...(phone === undefined ? [] : [{ channel: 'sms' as const, to: phone }]),
  ].sort((a, b) => Number(b.channel === contact) - Number(a.channel === contact));
  return {
    contacts,
    confirmed: 0,
    profile: profileOf(given),
    ...(username !== undefined && { username }),
  };
}

function profileOf(given: (name: string) => string | undefined): UserProfile {
  const [first_name, last_name, birthday] = ['first_name', 'last_name', 'birthday'].map(given);
  const name = {
    ...(first_name !== undefined && { first_name }),
    ...(last_name !== undefined && { last_name }),
  };
  return {
    ...(Object.keys(name).length > 0 && { name }),
    ...(birthday !== undefined && { birthday }),
  };
}
