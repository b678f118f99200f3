/** The row with which an application ends a sign-on of the older form: what the provider sent to its page, it passes on to us (contract/saml.md 3). */
import type { OrganizationId } from '../../base/ids.ts';
import { bodyOf, type OpenRow } from '../../http/route.ts';
import { validate } from '../../http/validate.ts';
import { fromForm } from '../incoming.ts';
import type { FederatedSignOn } from './federated-sign-on.ts';
import { olderAnswer, olderCompletion } from './older-schema.ts';

export interface OlderParts {
  readonly signOn: Pick<FederatedSignOn, 'receiveOlder'>;
  readonly origin: string;
}

/** No token: the provider has signed what is passed on, and only the browser that began gets on with the answer. */
export const olderSamlRoutes = ({ signOn, origin }: OlderParts): OpenRow[] => [
  {
    method: 'post',
    path: '/v1/auth/sso/saml/complete',
    tokens: 'none',
    permissions: [],
    status: 200,
    operation: {
      id: 'completeSamlSso',
      summary: 'Pass on the SAML response of the identity provider of an organization (older form)',
      tag: 'Identity providers',
      body: olderCompletion,
      answer: olderAnswer,
    },
    handle: async (ctx) => {
      const { SAMLResponse, organization_id, redirect_uri } = validate(olderCompletion, bodyOf(ctx));
      const path = await signOn.receiveOlder(fromForm(new Map([['SAMLResponse', SAMLResponse]])), {
        organizationId: organization_id as OrganizationId,
        redirectUri: redirect_uri,
      });
      return { result: `${origin}${path}` };
    },
  },
];
