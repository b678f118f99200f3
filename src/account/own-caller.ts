/** The signed-in person as a caller of the services that know users by their tokens. */
import type { UserCaller } from '../base/caller.ts';
import { HOUSE_APP_ID, HOUSE_CLIENT_ID } from '../base/house.ts';
import type { AppId } from '../base/ids.ts';
import type { Visit } from './visit.ts';

/** `appId`: where the service looks at one application only. */
export const ownCaller = ({ tenantId, userId }: Visit, appId: AppId = HOUSE_APP_ID): UserCaller => ({
  kind: 'user',
  tenantId,
  userId,
  clientId: HOUSE_CLIENT_ID,
  appId,
  scopes: new Set(),
  isThirdParty: false,
});
