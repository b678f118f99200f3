/** What the SCIM service accepts (RFC 7644 3.4.2, 3.4.3), and its answers: lists, and users as RFC 7643 4.1 has them. */
import { z } from 'zod';
import { parseUserFilter } from '../users/user-filter.ts';
import type { SORT_FIELDS, UserPageQuery } from '../users/user-list-store.ts';

const MAX_COUNT = 10_000;
const DEFAULT_COUNT = 100;
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

const SORTS: Readonly<Record<string, (typeof SORT_FIELDS)[number]>> = {
  'meta.created': 'created_at',
  emails: 'email',
  'emails.value': 'email',
  phonenumbers: 'phone_number',
  'phonenumbers.value': 'phone_number',
};

const name = z.string().min(1).max(200);
const names = z.array(name).max(100);
const namesInQuery = z
  .string()
  .max(4096)
  .transform((text) => text.split(',').map((one) => one.trim()))
  .pipe(names);
const numberInQuery = z
  .string()
  .regex(/^-?\d{1,9}$/, 'must be a whole number')
  .transform(Number);
// RFC 7644 3.4.2.4: below 1 means 1, a negative count means 0.
const startIndex = z
  .number()
  .int()
  .max(1_000_000_000)
  .transform((index) => Math.max(index, 1));
const count = z
  .number()
  .int()
  .max(MAX_COUNT)
  .transform((many) => Math.max(many, 0));
const sortBy = name.refine(
  (by) => Object.hasOwn(SORTS, by.toLowerCase()),
  'must be meta.created, emails.value or phoneNumbers.value',
);
const shared = {
  filter: z.string().max(4096).optional(),
  sortBy: sortBy.optional(),
  sortOrder: z.enum(['ascending', 'descending']).default('ascending'),
};

export const scimShownQuery = z.object({
  attributes: namesInQuery.optional(),
  excludedAttributes: namesInQuery.optional(),
});
export const scimListQuery = z.object({
  ...shared,
  ...scimShownQuery.shape,
  startIndex: numberInQuery.pipe(startIndex).default(1),
  count: numberInQuery.pipe(count).default(DEFAULT_COUNT),
});
export const scimSearchBody = z.strictObject({
  schemas: z.array(z.literal(SEARCH)).max(1).optional(),
  ...shared,
  attributes: names.optional(),
  excludedAttributes: names.optional(),
  startIndex: startIndex.default(1),
  count: count.default(DEFAULT_COUNT),
});
export type ScimList = z.output<typeof scimListQuery>;

/** The page of the store. @throws 400 for a filter that cannot be used */
export const toScimPageQuery = (list: ScimList): UserPageQuery => ({
  offset: list.startIndex - 1,
  limit: list.count,
  sortField: SORTS[(list.sortBy ?? 'meta.created').toLowerCase()] ?? 'created_at',
  sortOrder: list.sortOrder === 'ascending' ? 'asc' : 'desc',
  withoutCustomData: true,
  ...(list.filter !== undefined && {
    filter: parseUserFilter(list.filter, { parameter: 'filter', dialect: 'scim' }),
  }),
});

const text = z.string().optional();
const contact = z.object({ value: z.string(), primary: z.boolean() });
/** Every member but id and schemas is left out where `attributes` does not name it. */
export const scimUser = z
  .object({
    schemas: z.array(z.string()),
    id: z.string(),
    externalId: text,
    userName: text,
    name: z
      .object({
        formatted: text,
        givenName: text,
        middleName: text,
        familyName: text,
        honorificPrefix: text,
      })
      .optional(),
    emails: z.array(contact.partial()).optional(),
    phoneNumbers: z.array(contact.partial()).optional(),
    addresses: z
      .array(
        z.object({
          type: text,
          streetAddress: text,
          locality: text,
          region: text,
          postalCode: text,
          country: text,
        }),
      )
      .optional(),
    photos: z.array(z.object({ value: text, type: text })).optional(),
    preferredLanguage: text,
    active: z.boolean().optional(),
    meta: z
      .object({ resourceType: text, created: text, lastModified: text, location: text, version: text })
      .optional(),
  })
  .meta({ id: 'ScimUser' });
export const scimListAnswer = z.object({
  schemas: z.array(z.literal(LIST)),
  totalResults: z.number().int(),
  startIndex: z.number().int(),
  itemsPerPage: z.number().int(),
  Resources: z.array(scimUser),
});

export const toScimList = (
  resources: readonly object[],
  { total, startIndex: first }: { total: number; startIndex: number },
): z.input<typeof scimListAnswer> => ({
  schemas: [LIST],
  totalResults: total,
  startIndex: first,
  itemsPerPage: resources.length,
  Resources: resources as z.input<typeof scimUser>[],
});
