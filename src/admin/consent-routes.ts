/** Rows for consents: of an application, of the tenant, and of the user who gave them (management-api.md 11). */
import type { ClientId, ConsentId, UserId } from '../base/ids.ts';
import type { ConsentService } from '../consents/consent-service.ts';
import { pathId, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import {
  consentAnswer,
  consentsAnswer,
  deletedConsentsAnswer,
  managedConsentsAnswer,
} from './consent-answer-schema.ts';
import {
  consentOfQuery,
  consentQuery,
  managedConsentOfQuery,
  managedConsentQuery,
  toConsentFilter,
  toManagedConsent,
  toOuterConsent,
} from './consent-schema.ts';

// Section 11 names client tokens; the table of token kinds (tokens-and-sessions.md 1) opens these rows to admin tokens too.
const BOTH = ['client', 'admin'] as const;
const tag = 'Consents';

type Context = Parameters<Row['handle']>[0];

/** The pair of client and user that a path names. */
const pairOf = (ctx: Context) => ({
  clientId: pathId<ClientId>(ctx, 'clientId'),
  userId: pathId<UserId>(ctx, 'userId'),
});
const deleted = (count: number) => ({ result: { deleted_count: count } });

/** `/me` stands before `/:consentId`. */
export const consentRoutes = (consents: ConsentService): Row[] => [
  ...ownRows(consents),
  ...applicationRows(consents),
  ...tenantRows(consents),
];

const ownRows = (consents: ConsentService): Row[] => [
  {
    method: 'get',
    path: '/v1/consents/me',
    tokens: ['user'],
    permissions: [],
    status: 200,
    operation: { id: 'getOwnConsents', summary: 'List your own consents', tag, answer: consentsAnswer },
    handle: async (_ctx, caller) => ({ result: (await consents.list(caller, {})).map(toOuterConsent) }),
  },
  {
    method: 'delete',
    path: '/v1/consents/me/clients/:clientId',
    tokens: ['user'],
    permissions: [],
    status: 200,
    operation: {
      id: 'revokeOwnConsent',
      summary: 'Take back your consent to a client',
      tag,
      query: consentOfQuery,
      answer: deletedConsentsAnswer,
    },
    handle: async (ctx, caller) => {
      const filter = toConsentFilter(validate(consentOfQuery, { ...ctx.query }));
      const clientId = pathId<ClientId>(ctx, 'clientId');
      return deleted(await consents.revoke(caller, { ...filter, clientId }));
    },
  },
];

const applicationRows = (consents: ConsentService): Row[] => [
  {
    method: 'get',
    path: '/v1/consents',
    tokens: BOTH,
    permissions: ['consents:read', 'consents:list'],
    status: 200,
    operation: {
      id: 'getConsents',
      summary: 'List the consents to clients of the application',
      tag,
      query: consentQuery,
      answer: consentsAnswer,
    },
    handle: async (ctx, caller) => {
      const filter = toConsentFilter(validate(consentQuery, { ...ctx.query }));
      return { result: (await consents.list(caller, filter)).map(toOuterConsent) };
    },
  },
  {
    method: 'get',
    path: '/v1/consents/:consentId',
    tokens: BOTH,
    permissions: ['consents:read'],
    status: 200,
    operation: { id: 'getConsent', summary: 'Read a consent', tag, answer: consentAnswer },
    handle: async (ctx, caller) => ({
      result: toOuterConsent(await consents.get(caller, pathId<ConsentId>(ctx, 'consentId'))),
    }),
  },
  {
    method: 'delete',
    path: '/v1/consents/clients/:clientId/users/:userId',
    tokens: BOTH,
    permissions: ['consents:delete'],
    status: 200,
    operation: {
      id: 'revokeConsent',
      summary: 'Take back consents of a user to a client',
      tag,
      query: consentOfQuery,
      answer: deletedConsentsAnswer,
    },
    handle: async (ctx, caller) => {
      const filter = toConsentFilter(validate(consentOfQuery, { ...ctx.query }));
      return deleted(await consents.revoke(caller, { ...filter, ...pairOf(ctx) }));
    },
  },
];

const tenantRows = (consents: ConsentService): Row[] => [
  {
    method: 'get',
    path: '/v1/manage/consents',
    tokens: ['admin'],
    permissions: [],
    status: 200,
    operation: {
      id: 'getManagedConsents',
      summary: 'List the consents of an application',
      tag,
      query: managedConsentQuery,
      answer: managedConsentsAnswer,
    },
    handle: async (ctx, caller) => {
      const filter = toConsentFilter(validate(managedConsentQuery, { ...ctx.query }));
      return { result: (await consents.list(caller, filter)).map(toManagedConsent) };
    },
  },
  {
    method: 'delete',
    path: '/v1/manage/consents/clients/:clientId/users/:userId',
    tokens: ['admin'],
    permissions: [],
    status: 200,
    operation: {
      id: 'revokeManagedConsent',
      summary: 'Take back consents, as administrator',
      tag,
      query: managedConsentOfQuery,
      answer: deletedConsentsAnswer,
    },
    handle: async (ctx, caller) => {
      const filter = toConsentFilter(validate(managedConsentOfQuery, { ...ctx.query }));
      return deleted(await consents.revoke(caller, { ...filter, ...pairOf(ctx) }));
    },
  },
];
