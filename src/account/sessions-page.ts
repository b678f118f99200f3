/** Where the person is signed in: browsers, and applications that signed them in behind the scenes. */
import type { AuditLog } from '../audit/audit-log.ts';
import { notFound } from '../base/errors.ts';
import { HOUSE_CLIENT_ID } from '../base/house.ts';
import type { AppId, ClientId, TenantId, UserId } from '../base/ids.ts';
import { hashSecret } from '../base/secrets.ts';
import { type Html, html } from '../http/html.ts';
import type { BackendSession, BackendSignInDoor } from '../oidc/sessions/backend-sign-in.ts';
import type { LiveSession, SessionControl } from '../oidc/sessions/session-control.ts';
import type { Database } from '../storage/database.ts';
import { form, moment, problems } from './form-parts.ts';
import { type AccountPage, type Faults, faulty, type Outcome, type View, type Visit } from './visit.ts';

interface Parts {
  readonly db: Database;
  readonly audit: AuditLog;
  readonly sessions: SessionControl;
  readonly backend: Pick<BackendSignInDoor, 'list' | 'endByToken'>;
  readonly findClient: (
    tenantId: TenantId,
    clientId: ClientId,
  ) => Promise<{ readonly name: string } | undefined>;
}

const PATH = '/account/sessions';

interface AtBackend {
  readonly appName: string;
  /** Names it; its id is a credential. */
  readonly key: string;
  readonly session: BackendSession;
}

export function sessionsPage(parts: Parts): AccountPage {
  const steps = new SessionSteps(parts);
  return {
    path: PATH,
    recent: 'never',
    show: (visit, faults) => steps.show(visit, faults),
    submit: (visit, fields) => steps.submit(visit, fields),
  };
}

class SessionSteps {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async show(visit: Visit, faults?: Faults): Promise<View> {
    const { t, userId, language } = visit;
    const browsers = await this.#parts.sessions.list(userId);
    const others = await backendSessions(this.#parts.backend, visit);
    const rows = await Promise.all(browsers.map((one) => this.#browser(visit, one)));
    return {
      title: t.pages.sessions,
      body: html`${problems(faults)}<p>${t.sessionsMeaning}</p><ul class="things">${rows}${others.map(
        ({ appName, key, session }) => html`<li><p><strong>${appName}</strong></p>
<p class="soft">${t.since} ${moment(language, new Date(session.start_time))}</p>
${form(visit, PATH, { verb: 'end_backend', button: t.endSession, quiet: true, about: appName, hidden: { id: key } })}</li>`,
      )}</ul>
${browsers.length + others.length > 1 && form(visit, PATH, { verb: 'end_others', button: t.endOthers })}`,
    };
  }

  async #browser(visit: Visit, one: LiveSession): Promise<Html> {
    const { t, language, session } = visit;
    const isThis = one.uid === session.uid;
    const names = await this.#names(visit, one.clientIds);
    return html`<li><p><strong>${isThis ? t.thisBrowser : t.anotherBrowser}</strong></p>
<p class="soft">${t.since} ${moment(language, one.startedAt)}, ${t.until} ${moment(language, one.expiresAt)}</p>
${names.length > 0 && html`<p>${names.join(', ')}</p>`}
${!isThis && form(visit, PATH, { verb: 'end', button: t.endSession, quiet: true, about: names.join(', ') || t.anotherBrowser, hidden: { id: one.uid } })}</li>`;
  }

  async #names({ tenantId }: Visit, clientIds: readonly ClientId[]): Promise<string[]> {
    const others = clientIds.filter((id) => id !== HOUSE_CLIENT_ID);
    const clients = await Promise.all(others.map((id) => this.#parts.findClient(tenantId, id)));
    return clients.flatMap((client) => client?.name ?? []);
  }

  async submit(visit: Visit, fields: ReadonlyMap<string, string>): Promise<Outcome> {
    const { userId, session } = visit;
    const id = fields.get('id') ?? '';
    switch (fields.get('do')) {
      case 'end':
        await this.#ended(visit, Number(await this.#parts.sessions.end(id, userId)));
        return { done: 'sessionEnded' };
      case 'end_backend':
        await this.#ended(visit, Number(await this.#parts.backend.endByToken(id, userId)));
        return { done: 'sessionEnded' };
      case 'end_others': {
        const browsers = await this.#parts.sessions.endAll(userId, session.uid);
        const others = await backendSessions(this.#parts.backend, visit);
        await Promise.all(others.map(({ key }) => this.#parts.backend.endByToken(key, userId)));
        await this.#record(visit, browsers + others.length);
        return { done: 'othersEnded' };
      }
      default:
        return faulty(visit.t.badText);
    }
  }

  /** @throws 404 where there was nothing of this user's to end */
  async #ended(visit: Visit, sessions: number): Promise<void> {
    if (sessions === 0) throw notFound('Session not found');
    await this.#record(visit, sessions);
  }

  #record({ tenantId, userId }: { tenantId: TenantId; userId: UserId }, sessions: number): Promise<void> {
    return this.#parts.audit.record(this.#parts.db, {
      tenantId,
      type: 'user.sessions_ended',
      actor: { kind: 'user', id: userId },
      subject: userId,
      details: { sessions },
    });
  }
}

/** Those of every application that the person belongs to. */
export async function backendSessions(
  backend: Pick<BackendSignInDoor, 'list'>,
  { userId, memberships }: Pick<Visit, 'userId' | 'memberships'>,
): Promise<AtBackend[]> {
  const lists = await Promise.all(
    memberships.map(async ({ appId, appName }: { appId: AppId; appName: string }) =>
      (await backend.list(appId, userId)).map((session) => ({
        appName,
        session,
        key: hashSecret(session.session_id),
      })),
    ),
  );
  return lists.flat();
}
