/** The scenarios: each prepares a worker (unmeasured) and gives back the step that is repeated and timed. */
import { newBrowser, runCodeFlow } from './code-flow.ts';
import { ask, expectStatus, postForm } from './http-client.ts';
import { basic, type Target } from './target.ts';

export type Step = () => Promise<void>;

export interface Scenario {
  readonly name: string;
  /** Lowest ratio to the bare library that issue 2 asks for; undefined where it names none. */
  readonly goal?: number;
  /** False where the bare library has nothing to compare with. */
  readonly comparable: boolean;
  prepare(target: Target, worker: number): Promise<Step>;
}

const clientCredentials: Scenario = {
  name: 'client_credentials',
  goal: 0.9,
  comparable: true,
  async prepare({ endpoints, client }) {
    const headers = basic(client);
    return async () => {
      const answer = await postForm(endpoints.token_endpoint, { grant_type: 'client_credentials' }, headers);
      expectStatus(answer, 200, 'Token');
    };
  },
};

const introspection: Scenario = {
  name: 'introspection',
  goal: 0.8,
  comparable: true,
  async prepare(target, worker) {
    const { endpoints, reader } = target;
    const { access_token: token } = await runCodeFlow(target, reader, newBrowser(target.person(worker)));
    const headers = basic(reader);
    return async () => {
      const answer = await postForm(endpoints.introspection_endpoint, { token }, headers);
      // Anything but an active token would be a cheaper answer than the one that is measured.
      if (!expectStatus(answer, 200, 'Introspection').body.includes('"active":true'))
        throw new Error(`Introspection: not active: ${answer.body.slice(0, 200)}`);
    };
  },
};

const refresh: Scenario = {
  name: 'refresh',
  goal: 0.5,
  comparable: true,
  async prepare(target, worker) {
    const { endpoints, client } = target;
    const asking = { scope: 'openid offline_access', prompt: 'consent' };
    const tokens = await runCodeFlow(target, client, newBrowser(target.person(worker)), asking);
    const headers = basic(client);
    let current = tokens.refresh_token;
    return async () => {
      if (!current) throw new Error('Refresh: no refresh token was issued.');
      const grant = { grant_type: 'refresh_token', refresh_token: current };
      const answer = expectStatus(await postForm(endpoints.token_endpoint, grant, headers), 200, 'Refresh');
      const next = (JSON.parse(answer.body) as { refresh_token?: string }).refresh_token;
      if (next === current) throw new Error('Refresh: the token was not rotated.');
      current = next;
    };
  },
};

const userInfo: Scenario = {
  name: 'userinfo',
  comparable: true,
  async prepare(target, worker) {
    const { access_token: token } = await runCodeFlow(
      target,
      target.reader,
      newBrowser(target.person(worker)),
    );
    const headers = { authorization: `Bearer ${token}` };
    return async () => {
      expectStatus(await ask(target.endpoints.userinfo_endpoint, { headers }), 200, 'UserInfo');
    };
  },
};

const codeFlow: Scenario = {
  name: 'code_flow',
  goal: 0.5,
  comparable: true,
  async prepare(target, worker) {
    const browser = newBrowser(target.person(worker));
    await runCodeFlow(target, target.client, browser);
    return async () => {
      await runCodeFlow(target, target.client, browser);
    };
  },
};

const passwordLogin: Scenario = {
  name: 'password_login',
  comparable: false,
  async prepare(target, worker) {
    return async () => {
      await runCodeFlow(target, target.client, newBrowser(target.person(worker)));
    };
  },
};

export const scenarios: readonly Scenario[] = [
  clientCredentials,
  introspection,
  refresh,
  userInfo,
  codeFlow,
  passwordLogin,
];

/** The chosen scenarios, or all. @throws Error for a name that does not exist. */
export function chooseScenarios(names: readonly string[]): readonly Scenario[] {
  const unknown = names.find((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown !== undefined)
    throw new Error(
      `--only knows ${scenarios.map(({ name }) => name).join(', ')}; "${unknown}" is none of them.`,
    );
  return names.length === 0 ? scenarios : scenarios.filter(({ name }) => names.includes(name));
}
