/** An authority, its client certificates, and clients of Tessera that authenticate with them. */
import { type Identity, issue, PURPOSE } from './certificates.ts';
import type { StorageOptions } from './engines.ts';
import { type Answer, adminToken, api } from './management.ts';
import { type MutualTlsApp, startMutualTls } from './mutual-tls.ts';
import { REDIRECT_URI, setScene } from './scene.ts';

export const CLIENT = [
  ['C', 'DE'],
  ['O', 'Acme, Inc.'],
  ['CN', 'shop'],
] as const;
/** The same name as a text. */
export const NAME = 'CN=shop,O=Acme\\, Inc.,C=DE';

type Settings = Record<string, unknown>;

export interface AuthorityScene {
  readonly tls: MutualTlsApp;
  readonly appId: string;
  readonly root: Identity;
  readonly intermediate: Identity;
  /** Issued by the intermediate, named `NAME`. */
  readonly good: Identity;
  /** Tries to create a client with these settings of tls_client_auth. */
  save(settings: Settings, more?: Settings): Promise<Answer>;
  /** The id of a client for `root`, `intermediate` and `NAME`, with the settings laid over that. */
  clientWith(settings?: Settings): Promise<string>;
  /** 200 or 401 (invalid_client): how the token endpoint answers the client with this certificate. */
  statusOf(clientId: string, identity?: Identity): Promise<number>;
  discard(): Promise<void>;
}

export const authority = (name: string, issuer?: Identity): Promise<Identity> =>
  issue({ subject: [['CN', name]], authority: true, ...(issuer && { issuer }) });

/** The responders of tests are on the loopback address. */
const NEAR = { ALLOWED_INTERNAL_HOSTS: '127.0.0.1' };

export async function setAuthorityScene(
  storage: StorageOptions,
  env: Record<string, string> = NEAR,
): Promise<AuthorityScene> {
  const tls = await startMutualTls(storage, env);
  const admin = api(tls.app, await adminToken(tls.app));
  const { appId } = await setScene(tls.app);
  const root = await authority('Root');
  const intermediate = await authority('Intermediate', root);
  const good = await issue({ subject: CLIENT, issuer: intermediate, purposes: [PURPOSE.clientAuth] });
  const save = (settings: Settings, more: Settings = {}): Promise<Answer> =>
    admin.post(`/v1/applications/${appId}/clients`, {
      name: 'Batch',
      redirect_uris: [REDIRECT_URI],
      authentication_configuration: { method: 'tls_client_auth', tls_client_auth: settings, ...more },
    });
  return {
    tls,
    appId,
    root,
    intermediate,
    good,
    save,
    clientWith: async (settings = {}) => {
      const chain = { certificate_chain: intermediate.cert + root.cert, distinguished_name: NAME };
      const answer = await save({ ...chain, ...settings });
      if (answer.status !== 201) throw new Error(`no client: ${JSON.stringify(answer.body)}`);
      return answer.body.client_id;
    },
    statusOf: async (clientId, identity) => {
      const form = { grant_type: 'client_credentials', client_id: clientId };
      const answer = await tls.post('/oidc/token', form, { identity });
      if (answer.status === 200 || answer.body.error === 'invalid_client') return answer.status;
      throw new Error(`neither accepted nor refused: ${answer.status} ${JSON.stringify(answer.body)}`);
    },
    discard: () => tls.discard(),
  };
}
