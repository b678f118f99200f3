/** The older sign-on as the reference tells of it (contract/saml.md 2). */
import { z } from 'zod';
import type { Row } from '../http/route.ts';

export const legacySignOnAnswer = z.object({
  result: z.object({
    /** Where the two others are posted. */
    SsoUrl: z.url(),
    SAMLResponse: z.string(),
    RelayState: z.string().optional(),
  }),
});

/** Served by a router of its own: its answer is a page, or this JSON where that is preferred. */
export const LEGACY_SIGN_ON = {
  method: 'get',
  path: '/v1/serviceprovider/saml2/sso/:serviceProviderId',
  tokens: ['user'],
  permissions: [],
  status: 201,
  operation: {
    id: 'startServiceProviderSso',
    summary:
      'Answer the relayed request of a service provider: as JSON, or (200) as a page that posts the answer',
    tag: 'Service providers',
    query: z.object({ SAMLRequest: z.string().optional(), RelayState: z.string().optional() }),
    answer: legacySignOnAnswer,
  },
} as const satisfies Omit<Row, 'handle'>;
