/** Rows for secondary emails and phone numbers, and for marking one as verified (contract/management-api.md 12). */
import type { ManagementCaller } from '../base/caller.ts';
import { bodyOf, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { ContactKind, ContactService } from '../users/contact-service.ts';
import { pathValue } from './user-password-routes.ts';
import { verifyContactSchema } from './user-schema.ts';

const tokens = ['client', 'admin'] as const;
const permissions = ['apps:edit', '[appId]:edit', 'users:edit'];
const tag = 'Users';

interface Family {
  readonly kind: ContactKind;
  readonly parameter: string;
  readonly path: string;
  readonly removeId: string;
  readonly verifyId: string;
  readonly words: string;
}

const FAMILIES: readonly Family[] = [
  {
    kind: 'email',
    parameter: 'email',
    path: '/v1/users/:user_id/emails/:email',
    removeId: 'removeUserSecondaryEmail',
    verifyId: 'verifyUserEmail',
    words: 'email',
  },
  {
    kind: 'phoneNumber',
    parameter: 'phone_number',
    path: '/v1/users/:user_id/phone-numbers/:phone_number',
    removeId: 'removeUserSecondaryPhoneNumber',
    verifyId: 'verifyUserPhoneNumber',
    words: 'phone number',
  },
];

export const userContactRoutes = (contacts: ContactService): Row[] =>
  FAMILIES.flatMap(({ kind, parameter, path, removeId, verifyId, words }): Row[] => [
    {
      method: 'delete',
      path,
      tokens,
      permissions,
      status: 204,
      operation: { id: removeId, summary: `Remove a secondary ${words}`, tag },
      handle: (ctx, caller: ManagementCaller) =>
        contacts.remove(caller, pathValue(ctx, 'user_id'), kind, pathValue(ctx, parameter)),
    },
    {
      method: 'post',
      path: `${path}/verify`,
      tokens,
      permissions,
      status: 202,
      operation: {
        id: verifyId,
        summary: `Mark a ${words} as verified, and make it the primary one if asked`,
        tag,
        body: verifyContactSchema,
      },
      handle: (ctx, caller: ManagementCaller) => {
        const { change_to_primary: changeToPrimary } = validate(verifyContactSchema, bodyOf(ctx));
        const value = pathValue(ctx, parameter);
        return contacts.verify(caller, pathValue(ctx, 'user_id'), { kind, value, changeToPrimary });
      },
    },
  ]);
