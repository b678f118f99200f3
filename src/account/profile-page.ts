/** Name, birthday, language, picture and address. */
import { type Html, html } from '../http/html.ts';
import { fill } from '../texts/language.ts';
import type { OwnProfile } from '../users/own-profile.ts';
import { field, form, problems, typed } from './form-parts.ts';
import { ownCaller } from './own-caller.ts';
import { type ProfileField, readProfile, toOwnFields } from './profile-schema.ts';
import { type AccountPage, type Faults, faulty, type Visit } from './visit.ts';

const PATH = '/account/profile';

interface Shown {
  readonly name: ProfileField;
  readonly autocomplete: string;
  readonly max?: number;
  readonly type?: string;
}
const NAME: readonly Shown[] = [
  { name: 'title', autocomplete: 'honorific-prefix', max: 30 },
  { name: 'first_name', autocomplete: 'given-name', max: 30 },
  { name: 'middle_name', autocomplete: 'additional-name', max: 30 },
  { name: 'last_name', autocomplete: 'family-name', max: 30 },
];
const MORE: readonly Shown[] = [
  { name: 'birthday', autocomplete: 'bday', type: 'date', max: 10 },
  { name: 'language', autocomplete: 'language', max: 35 },
  { name: 'picture', autocomplete: 'photo', type: 'url', max: 2048 },
];
const ADDRESS: readonly Shown[] = [
  { name: 'street_address', autocomplete: 'street-address', max: 150 },
  { name: 'postal_code', autocomplete: 'postal-code', max: 30 },
  { name: 'city', autocomplete: 'address-level2', max: 30 },
  { name: 'state', autocomplete: 'address-level1', max: 30 },
  { name: 'country', autocomplete: 'country-name', max: 30 },
];

function storedValues({ user }: Visit): Readonly<Record<string, string | undefined>> {
  const { name, address, birthday, language, picture } = user.profile;
  return { ...name, ...address, birthday, language, picture };
}

function fieldset(visit: Visit, legend: string, shown: readonly Shown[], faults?: Faults): Html {
  const stored = storedValues(visit);
  const inputs = shown.map((one) =>
    field('profile', {
      ...one,
      label: visit.t.profile[one.name],
      value: typed(faults, one.name, stored[one.name]),
      ...(one.name === 'language' && { hint: visit.t.languageHint }),
    }),
  );
  return html`<fieldset><legend>${legend}</legend>${inputs}</fieldset>`;
}

export const profilePage = ({ profiles }: { profiles: Pick<OwnProfile, 'update'> }): AccountPage => ({
  path: PATH,
  recent: 'never',
  async show(visit, faults) {
    const { t } = visit;
    const body = html`${fieldset(visit, t.nameLegend, NAME, faults)}${fieldset(visit, t.moreLegend, MORE, faults)}${fieldset(
      visit,
      t.addressLegend,
      ADDRESS,
      faults,
    )}`;
    return {
      title: t.pages.profile,
      body: html`${problems(faults)}${form(visit, PATH, { verb: 'save', button: t.save, body })}`,
    };
  },
  async submit(visit, fields) {
    const { t } = visit;
    const read = readProfile(Object.fromEntries(fields));
    if ('wrong' in read)
      return faulty(...read.wrong.map((name) => fill(t.badField, { field: t.profile[name] })));
    await profiles.update(ownCaller(visit), toOwnFields(read.form, visit.user.profile));
    return { done: 'saved' };
  },
});
