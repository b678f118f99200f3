/** What the profile form sends: texts, where an empty one takes the value away. */
import { z } from 'zod';
import type { OwnFields } from '../users/own-profile.ts';

const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .default('')
    .transform((value) => (value === '' ? undefined : value));

const exists = (day: string): boolean => {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
};
const isTag = (tag: string): boolean => {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
};
const isWebAddress = (value: string): boolean => /^https?:$/.test(URL.parse(value)?.protocol ?? '');

export const profileFormSchema = z.object({
  title: text(30),
  first_name: text(30),
  middle_name: text(30),
  last_name: text(30),
  birthday: text(10).refine((day) => day === undefined || (/^\d{4}-\d{2}-\d{2}$/.test(day) && exists(day))),
  language: text(35).refine((tag) => tag === undefined || isTag(tag)),
  picture: text(2048).refine((url) => url === undefined || isWebAddress(url)),
  street_address: text(150),
  postal_code: text(30),
  city: text(30),
  state: text(30),
  country: text(30),
});
export type ProfileForm = z.output<typeof profileFormSchema>;
export type ProfileField = keyof ProfileForm;

const NAMES = ['title', 'first_name', 'middle_name', 'last_name'] as const;
const PLACES = ['street_address', 'postal_code', 'city', 'state', 'country'] as const;

const pick = <K extends ProfileField>(input: ProfileForm, names: readonly K[]) =>
  Object.fromEntries(names.flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]]])));

/** The fields that are wrong, or the form. */
export function readProfile(
  fields: Readonly<Record<string, string>>,
): { readonly wrong: readonly ProfileField[] } | { readonly form: ProfileForm } {
  const result = profileFormSchema.safeParse(fields);
  if (result.success) return { form: result.data };
  return { wrong: [...new Set(result.error.issues.map(({ path }) => path[0] as ProfileField))] };
}

/** `undefined` takes a stored value away. What the form does not show of the address stays. */
export const toOwnFields = (form: ProfileForm, stored: OwnFields): OwnFields =>
  ({
    name: pick(form, NAMES),
    address: { ...(stored.address?.type && { type: stored.address.type }), ...pick(form, PLACES) },
    birthday: form.birthday,
    language: form.language,
    picture: form.picture,
  }) as OwnFields;
