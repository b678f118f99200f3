/** A person with a value for everything that a user's profile can hold. */
import { api, clientToken } from './management.ts';
import type { Scene } from './scene.ts';
import type { App } from './start-app.ts';

export const FULL_PROFILE = {
  secondary_emails: ['second@example.com'],
  secondary_phone_numbers: ['+14155550199'],
  birthday: '1985-04-12',
  address: { country: 'FR', city: 'Lyon', street_address: 'Rue 1', postal_code: '69001', type: 'Work' },
  name: { first_name: 'Ada', middle_name: 'M', last_name: 'Byron' },
  external_account_id: 'account-7',
  custom_app_data: { plan: 'gold', seats: 3 },
  picture: 'https://pictures.example.com/ada.png',
  language: 'fr-FR',
  custom_data: { color: 'blue', size: { height: 180 } },
};

let made = 0;

/** Makes the scene's person a member of its application and gives them every value. @returns what is unique. */
export async function fillProfile(
  app: App,
  scene: Scene,
): Promise<{ username: string; phone_number: string; external_user_id: string }> {
  await scene.rp.signIn(app, scene.person);
  made += 1;
  const unique = {
    username: `ada-${scene.appId.slice(0, 8)}`,
    phone_number: `+1415555${1000 + made}`,
    external_user_id: `external ${made}`,
  };
  const own = api(app, await clientToken(app, scene));
  const changed = await own.put(`/v1/users/${scene.person.userId}`, { ...FULL_PROFILE, ...unique });
  if (changed.status !== 200) throw new Error(`no profile: ${JSON.stringify(changed.body)}`);
  return unique;
}
