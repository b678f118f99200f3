/** Rows of magic links, for browsers that go on to the redirect URI and for backends (contract/authentication.md 3). */
import type { ClientCaller } from '../base/caller.ts';
import { bodyOf, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { BackendLinks } from './backend-links.ts';
import type { callingClient } from './calling-client.ts';
import { authenticateLink, backendLinkSent, sendBackendLink, sendLink } from './link-schema.ts';
import type { RedirectLinks } from './redirect-links.ts';
import { EXECUTE, messageAnswer, tokenAnswer } from './sign-in-schema.ts';
import { toLinkFault } from './text-fault.ts';

export interface LinkParts {
  readonly clientOf: ReturnType<typeof callingClient>;
  readonly redirectLinks: Pick<RedirectLinks, 'send'>;
  readonly backendLinks: BackendLinks;
}

const post = { method: 'post', tokens: ['client'], permissions: EXECUTE, status: 200 } as const;
const tag = 'Magic links';

export const linkRoutes = (parts: LinkParts): Row[] => [
  {
    ...post,
    path: '/v1/auth/links/email',
    operation: {
      id: 'SendEmail',
      summary: 'Mail a link that signs the user in and leads to the redirect URI',
      tag,
      body: sendLink,
      answer: messageAnswer,
    },
    async handle(ctx, { clientId }: ClientCaller) {
      const body = validate(sendLink, bodyOf(ctx));
      await parts.redirectLinks.send(await parts.clientOf(clientId), body);
      return { message: 'Email sent successfully' };
    },
  },
  {
    ...post,
    path: '/v1/auth/link/email/send',
    toFault: toLinkFault,
    operation: {
      id: 'sendMagicLinkEmail',
      summary: 'Mail a link to your own page, with a code that your backend redeems',
      tag,
      body: sendBackendLink,
      answer: backendLinkSent,
    },
    async handle(ctx, { clientId }: ClientCaller) {
      const body = validate(sendBackendLink, bodyOf(ctx));
      return parts.backendLinks.send(await parts.clientOf(clientId), body);
    },
  },
  {
    ...post,
    path: '/v1/auth/link/email/authenticate',
    toFault: toLinkFault,
    operation: {
      id: 'authenticateMagicLink',
      summary: 'Redeem the code of a link for tokens',
      tag,
      body: authenticateLink,
      answer: tokenAnswer,
    },
    async handle(ctx, { clientId }: ClientCaller) {
      const body = validate(authenticateLink, bodyOf(ctx));
      return parts.backendLinks.authenticate(ctx, await parts.clientOf(clientId), body);
    },
  },
];
