/** Generates, lists and revokes the secrets of a client: at most two, never none (contract D11). */
import { type AuditLog, actorOf } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { invalid, notFound } from '../base/errors.ts';
import type { ClientId } from '../base/ids.ts';
import { hashSecret, newId, newSecret } from '../base/secrets.ts';
import type { Database } from '../storage/database.ts';
import type { Client, ClientSecret } from './client.ts';
import { ClientStore } from './client-store.ts';

const MAX_SECRETS = 2;

/** A stored secret together with the value that is shown this once. */
export interface FreshSecret {
  readonly secret: ClientSecret;
  readonly value: string;
}

/** What is stored of a secret with this value. */
export const toSecret = (value: string): ClientSecret => ({
  secretId: newId(),
  hash: hashSecret(value),
  hint: value.slice(-4),
  createdAt: new Date(),
});

/** @throws 400 for a SAML client, whose secret opens nothing (contract C27). */
export function assertUsesSecrets({ protocol }: Pick<Client, 'protocol'>): void {
  if (protocol === 'saml')
    throw invalid('A SAML client signs in nowhere with a secret, so it has none to generate, list or revoke');
}

interface Target {
  /** The transaction that holds the client's lock. */
  readonly trx: Database;
  readonly audit: AuditLog;
  readonly caller: ManagementCaller;
  readonly clientId: ClientId;
  readonly secrets: readonly ClientSecret[];
}

/** @throws 400 where two secrets are active already. */
export async function generateSecret({
  trx,
  audit,
  caller,
  clientId,
  secrets,
}: Target): Promise<FreshSecret> {
  if (secrets.length >= MAX_SECRETS)
    throw invalid(`A client can have ${MAX_SECRETS} active secrets; revoke one first`);
  const value = newSecret();
  const secret = toSecret(value);
  await new ClientStore(trx).insertSecret(caller.tenantId, clientId, secret);
  await record({ trx, audit, caller, clientId, secrets }, 'client_secret.generated', secret.secretId);
  return { secret, value };
}

/** @throws 404 for a secret that is not the client's, 400 for its last one. */
export async function revokeSecret(target: Target, secretId: string): Promise<void> {
  if (!target.secrets.some((secret) => secret.secretId === secretId)) throw notFound('Secret not found');
  if (target.secrets.length === 1) throw invalid('The last secret of a client cannot be revoked');
  await new ClientStore(target.trx).removeSecret(target.caller.tenantId, secretId);
  await record(target, 'client_secret.revoked', secretId);
}

const record = ({ trx, audit, caller, clientId }: Target, type: string, secretId: string): Promise<void> =>
  audit.record(trx, {
    tenantId: caller.tenantId,
    type,
    actor: actorOf(caller),
    subject: clientId,
    details: { secret_id: secretId },
  });
