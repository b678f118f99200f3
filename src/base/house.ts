/** Names Tessera's own pages where an application or a client is named. No row has these ids, and none can get them. */
import type { AppId, ClientId } from './ids.ts';

/** `newId` makes no colons. */
export const HOUSE_APP_ID = 'urn:tessera:house' as AppId;
export const HOUSE_CLIENT_ID = 'urn:tessera:house' as ClientId;

/** For identifiers that are good in one application only: the house asks in all of them. */
export const isHouse = (appId: AppId | undefined): boolean => appId === HOUSE_APP_ID;
