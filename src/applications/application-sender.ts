/** How an application is named and looks in the messages to its users. */
import type { AppId, TenantId } from '../base/ids.ts';
import type { Application } from './application.ts';

export interface ApplicationSender {
  readonly tenantId: TenantId;
  readonly appId: AppId;
  readonly appName: string;
  readonly logo: string;
  readonly primaryColor: string;
}

export const senderOf = ({ tenantId, appId, name, settings }: Application): ApplicationSender => ({
  tenantId,
  appId,
  appName: name,
  logo: settings.logo,
  primaryColor: settings.hosted_login.primary_color,
});
