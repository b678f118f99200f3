/** The kinds of lines about what users prove themselves with, and about what they let one another do. */
import { APPLICATION, type RowKind, USER } from './row-kind.ts';
import { delegatedConsentLine, passkeyLine } from './trust-line-schema.ts';

export const TRUST_KINDS: readonly RowKind[] = [
  {
    kind: 'passkey',
    table: 'passkeys',
    key: ['credential_id'],
    keyIsOfTenant: true,
    columns: {
      credential_id: 'text',
      user_id: 'text',
      app_id: 'text',
      rp_id: 'text',
      username: 'text',
      user_handle: 'text',
      public_key: 'text',
      counter: 'number',
      transports: 'json',
      aaguid: 'text',
      device_type: 'text',
      backed_up: 'boolean',
      created_at: 'time',
      last_used_at: 'time',
      label: 'text',
    },
    schema: passkeyLine,
    fixed: ['user_id', 'app_id', 'rp_id', 'user_handle', 'public_key', 'aaguid', 'device_type'],
    // They go on with every use here; a counter that is set back would let a copy of the key in (WebAuthn 6.1.1).
    kept: ['counter', 'backed_up', 'last_used_at'],
    // One that was removed where the file comes from, for example after a theft, is not left good here.
    ends: { user_id: 'user' },
    references: { user_id: USER, app_id: APPLICATION },
  },
  {
    kind: 'delegated_consent',
    table: 'delegated_consents',
    key: ['consent_id'],
    columns: {
      consent_id: 'text',
      app_id: 'text',
      actor_id: 'text',
      subject_id: 'text',
      permissions: 'json',
      validity_seconds: 'number',
      created_at: 'time',
      granted_at: 'time',
      expires_at: 'time',
    },
    schema: delegatedConsentLine,
    fixed: ['app_id', 'actor_id', 'subject_id'],
    // What was asked never changes, and what the subject answered here counts here.
    kept: ['permissions', 'validity_seconds', 'granted_at', 'expires_at'],
    // Withdrawn there is withdrawn here.
    ends: { actor_id: 'user', subject_id: 'user' },
    references: { app_id: APPLICATION, actor_id: USER, subject_id: USER },
    only: 't.expires_at > now()',
  },
];
