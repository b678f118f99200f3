/** What the first start prints, once. */
import type { Config } from './config/config.ts';
import type { FirstIdentities } from './first-start.ts';

export function announce({ publicUrl }: Config, made: FirstIdentities): string {
  const { origin } = publicUrl;
  return `
Tessera is set up. The secrets below are shown this once; keep them in a safe place.

  Issuer: ${origin}/oidc
  Discovery: ${origin}/oidc/.well-known/openid-configuration
  Portal: ${origin}/portal

  Administrator e-mail: ${made.adminEmail}
  Administrator password: ${made.adminPassword}

  Management client id: ${made.managementClientId}
  Management client secret: ${made.managementClientSecret}

  Demo client id: ${made.demoClientId}
  Demo client secret: ${made.demoClientSecret}

Get a management token:

  curl -s ${origin}/oidc/token -u '${made.managementClientId}:${made.managementClientSecret}' -d grant_type=client_credentials

`;
}
