/** What a write leaves of a profile (management-api.md 0 and 12). */
import type { UserProfile } from './user.ts';

/**
 * Members replace what was there; `custom_data` is merged shallowly, and a secondary contact that is named again stays
 * as verified as it was.
 */
export function mergeProfile(before: UserProfile, given: UserProfile = {}): UserProfile {
  const { custom_data: data, secondary_emails: emails, secondary_phone_numbers: phones } = given;
  return {
    ...before,
    ...given,
    ...(data && { custom_data: { ...before.custom_data, ...data } }),
    ...(emails && { secondary_emails: emails.map((one) => known(before.secondary_emails, one)) }),
    ...(phones && {
      secondary_phone_numbers: phones.map((one) => known(before.secondary_phone_numbers, one)),
    }),
  };
}

const known = <Contact extends { readonly value: string }>(
  before: readonly Contact[] | undefined,
  given: Contact,
): Contact => before?.find(({ value }) => value === given.value) ?? given;
