/** Names the user to a service provider: the identifier (contract/saml.md 1.3) and the attributes. */
import { createHmac } from 'node:crypto';
import type { Secret } from '../base/secrets.ts';
import { newSecret } from '../base/secrets.ts';
import type { SamlClient } from '../clients/client.ts';
import type { AttributeName } from '../clients/saml-client.ts';
import type { Membership, User } from '../users/user.ts';
import { NAME_ID, UNSPECIFIED_2 } from './saml-names.ts';
import { SamlStatus } from './saml-status.ts';

export interface NameId {
  readonly value: string;
  readonly format: string;
  readonly nameQualifier?: string;
  readonly spNameQualifier?: string;
}

type NameIdType = SamlClient['settings']['sp_name_id_type'];

interface Naming {
  readonly user: User;
  readonly membership: Membership | undefined;
  /** Of this identity provider, for this client. */
  readonly entityId: string;
  readonly client: SamlClient;
  readonly persistentKey: Secret;
}

/** The format in which an identifier of this type goes out. */
export function formatOf(type: NameIdType): string {
  if (type === 'persistent' || type === 'transient') return NAME_ID[type];
  return type === 'email' || type === 'secondaryEmail' ? NAME_ID.email : NAME_ID.unspecified;
}

/** The type that answers a requested format. @throws InvalidNameIDPolicy for one that this client does not get. */
export function requestedType(configured: NameIdType, format: string | undefined): NameIdType {
  if (format === NAME_ID.transient) return 'transient';
  if (format === NAME_ID.persistent) return 'persistent';
  if (format === undefined || [formatOf(configured), NAME_ID.unspecified, UNSPECIFIED_2].includes(format))
    return configured;
  throw new SamlStatus(
    'requester',
    'invalidNameIdPolicy',
    `The NameID format ${format.slice(0, 200)} is not available; this client gets ${formatOf(configured)}`,
  );
}

/** @throws Responder where the user has no such identifier: another one is never sent instead. */
export function nameIdOf(type: NameIdType, naming: Naming): NameId {
  const { client, entityId } = naming;
  if (type === 'transient') return { value: newSecret(), format: NAME_ID.transient };
  if (type === 'persistent')
    return {
      value: persistentId(naming),
      format: NAME_ID.persistent,
      nameQualifier: entityId,
      spNameQualifier: client.spEntityId,
    };
  const value = identifierOf(type, naming);
  if (!value)
    throw new SamlStatus(
      'responder',
      undefined,
      `The user has no ${WORDS[type]}, which this client identifies users by`,
    );
  return { value, format: formatOf(type) };
}

/** SAML core 8.3.7: opaque, and another one for every provider. */
function persistentId({ persistentKey, client, user }: Naming): string {
  const pair = JSON.stringify([client.tenantId, client.spEntityId, user.userId]);
  return createHmac('sha256', persistentKey.reveal()).update(pair).digest('base64url');
}

const WORDS = {
  email: 'email address',
  secondaryEmail: 'secondary email address',
  username: 'username in this application',
  phoneNumber: 'phone number',
  externalUserId: 'external user ID',
} as const;

function identifierOf(type: keyof typeof WORDS, { user, membership }: Naming): string | undefined {
  switch (type) {
    case 'email':
      return user.email;
    case 'secondaryEmail':
      return user.profile.secondary_emails?.[0]?.value;
    case 'username':
      return membership?.username;
    case 'phoneNumber':
      return user.phoneNumber;
    case 'externalUserId':
      return user.externalUserId;
  }
}

export interface SamlAttribute extends AttributeName {
  readonly values: readonly string[];
}

/** One attribute for each claim on the client's list that has a value, in the order of the list. */
export function attributesOf(
  { settings }: SamlClient,
  claims: Readonly<Record<string, unknown>>,
): SamlAttribute[] {
  return settings.default_custom_claims.flatMap((claim) => {
    const values = [claims[claim]]
      .flat()
      .filter((value) => value !== undefined && value !== null && value !== '');
    if (values.length === 0) return [];
    return [{ ...(settings.attribute_mapping[claim] ?? { name: claim }), values: values.map(textOf) }];
  });
}

const textOf = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);
