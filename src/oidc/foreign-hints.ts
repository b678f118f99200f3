/** An ID token that comes back as a hint has to be signed by a key that speaks for its client. */
import { decodeProtectedHeader } from 'jose';
import type Provider from 'oidc-provider';
import type { Client } from 'oidc-provider';
import type { ApplicationSigningKey } from './application-signing-key.ts';
import { settingsOf } from './policies/client-settings.ts';

interface HintReader {
  validate(jwt: string, client: Client): Promise<unknown>;
}

/** An application may know the private half of its key: without this it could name any user to any client. */
export function refuseForeignHints(provider: Provider, keys: readonly ApplicationSigningKey[]): void {
  const owners = new Map(keys.map(({ kid, appId }) => [kid, appId]));
  const reader = provider.IdToken as unknown as HintReader;
  const { validate } = reader;
  reader.validate = async (jwt, client) => {
    const { kid } = decodeProtectedHeader(jwt);
    const owner = kid === undefined ? undefined : owners.get(kid);
    // Without a kid every key of the algorithm would be tried; we always write one.
    if (kid === undefined || (owner !== undefined && owner !== settingsOf(client).appId))
      throw new Error('the key that signed this ID token does not speak for the client');
    return validate.call(reader, jwt, client);
  };
}
