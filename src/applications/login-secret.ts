/** Which settings of the ways to sign in are secret: they are taken out before the rest is kept (authentication.md 6). */

type Members = Readonly<Record<string, unknown>>;

export interface LoginSecret {
  /** Unique in its method. */
  readonly name: string;
  /** Absent: the one before stays. Null: it goes. */
  readonly value?: unknown;
}

export interface PartedMethod {
  /** Without anything secret. */
  readonly settings: unknown;
  readonly secrets: readonly LoginSecret[];
}

const SOCIAL = ['google', 'facebook', 'line', 'tiktok', 'apple'];

/** Takes the settings of one method apart. */
export function partMethod(method: string, settings: unknown): PartedMethod {
  if (SOCIAL.includes(method)) return taken(settings as Members, 'clientSecret', 'clientSecret');
  return method === 'push' ? partPush(settings as Members) : { settings, secrets: [] };
}

/** Apple's keys are told apart by their ids: one of several keeps its secret while its id is named. */
function partPush({ apn, fcm, ...rest }: Members): PartedMethod {
  const apple = [apn].flat().filter((one) => one !== undefined) as Members[];
  const apns = apple.map((one) => taken(one, 'key', `apn.${one.keyId}.key`));
  const firebase = fcm === undefined ? undefined : taken(fcm as Members, 'key', 'fcm.key');
  const [first] = apns;
  return {
    settings: {
      ...rest,
      ...(first && { apn: Array.isArray(apn) ? apns.map((one) => one.settings) : first.settings }),
      // A list of none is still one.
      ...(!first && Array.isArray(apn) && { apn: [] }),
      ...(firebase && { fcm: firebase.settings }),
    },
    secrets: [...apns, ...(firebase ? [firebase] : [])].flatMap(({ secrets }) => secrets),
  };
}

function taken(holder: Members, member: string, name: string): PartedMethod {
  const { [member]: value, ...settings } = holder;
  return { settings, secrets: [value === undefined ? { name } : { name, value }] };
}
