/** Rows for what users let one another do in their place (contract/oidc.md 16). */
import type { UserCaller } from '../base/caller.ts';
import type { ConsentId, UserId } from '../base/ids.ts';
import type { DelegatedConsentService } from '../consents/delegated-consent-service.ts';
import { bodyOf, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import {
  actorQuery,
  consentGrant,
  consentRequest,
  consentRequestedAnswer,
  delegatedConsentsAnswer,
  subjectQuery,
  toConsentAsked,
  toOuterDelegatedConsent,
} from './delegated-consent-schema.ts';

const tag = 'Delegated access';
const head = { tokens: ['user'], permissions: [] } as const;
const at = '/v1/delegated-access/consents/me';

export const delegatedConsentRoutes = (consents: DelegatedConsentService): Row[] => [
  {
    ...head,
    method: 'post',
    path: `${at}/request`,
    status: 200,
    operation: {
      id: 'requestDelegatedAccess',
      summary: 'Ask another user, by mail, to let you act for them',
      tag,
      body: consentRequest,
      answer: consentRequestedAnswer,
    },
    async handle(ctx, caller: UserCaller) {
      const asked = toConsentAsked(validate(consentRequest, bodyOf(ctx)));
      return { result: { consent_id: await consents.request(caller, asked) } };
    },
  },
  {
    ...head,
    method: 'post',
    path: `${at}/grant`,
    status: 204,
    operation: {
      id: 'grantDelegatedAccess',
      summary: 'Let another user act for you as they asked',
      tag,
      body: consentGrant,
    },
    async handle(ctx, caller: UserCaller) {
      const { consent_id: consentId } = validate(consentGrant, bodyOf(ctx));
      await consents.grant(caller, consentId as ConsentId);
    },
  },
  {
    ...head,
    method: 'get',
    path: at,
    status: 200,
    operation: {
      id: 'getDelegatedAccess',
      summary: 'List for whom you may act, and who may act for you',
      tag,
      answer: delegatedConsentsAnswer,
    },
    async handle(_ctx, caller: UserCaller) {
      return { result: (await consents.list(caller)).map(toOuterDelegatedConsent) };
    },
  },
  {
    ...head,
    method: 'delete',
    path: `${at}/permissions/actor`,
    status: 204,
    operation: {
      id: 'giveUpDelegatedAccess',
      summary: 'Give up acting for another user',
      tag,
      query: subjectQuery,
    },
    async handle(ctx, caller: UserCaller) {
      const { subject_id: other } = validate(subjectQuery, { ...ctx.query });
      await consents.withdraw(caller, 'actor', other as UserId);
    },
  },
  {
    ...head,
    method: 'delete',
    path: `${at}/permissions/subject`,
    status: 204,
    operation: {
      id: 'revokeDelegatedAccess',
      summary: 'Take back that another user may act for you',
      tag,
      query: actorQuery,
    },
    async handle(ctx, caller: UserCaller) {
      const { actor_id: other } = validate(actorQuery, { ...ctx.query });
      await consents.withdraw(caller, 'subject', other as UserId);
    },
  },
];
