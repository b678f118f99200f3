/** Writes a batch of user lines: new users in one statement, known ones compared and changed where they differ. */
import { newId } from '../../base/secrets.ts';
import { isSame } from './difference.ts';
import { type Outcome, RefusedLine } from './row-kind.ts';
import { columnsOf, membershipsOf, profileOf } from './user-columns.ts';
import type { UserLine } from './user-line-schema.ts';
import type { KnownUser, MembershipRow, UserColumns, UserTransferStore } from './user-transfer-store.ts';

/** One line of the batch, and what became of it. */
export type UserOutcome = Outcome | RefusedLine;

interface Writes {
  readonly inserts: UserColumns[];
  readonly updates: { userId: string; columns: Record<string, unknown> }[];
  readonly memberships: MembershipRow[];
  readonly roles: { userId: string; roleId: string }[];
  readonly rolesGone: { userId: string; roleId: string }[];
}

/** A line with what the rest of the file says about it. */
export interface NumberedUser {
  readonly number: number;
  readonly line: UserLine;
}
export interface FileSoFar {
  /** Why the line cannot be about this user: another one is. */
  claim(userId: string, number: number): string | undefined;
  /** True where the file lists the role and is the whole truth about who has it. */
  decidesOn(roleId: string): boolean;
}

/** What a line never changes in a user who is there: the password may have been changed or hashed anew since. */
const ONLY_FOR_NEW = [
  'password_hash',
  'password_updated_at',
  'password_must_change',
  'created_at',
  'updated_at',
];

/** @throws what the database throws, for example where two lines of the batch want one identifier */
export async function importUsers(
  store: UserTransferStore,
  numbered: readonly NumberedUser[],
  { tenantId, file }: { tenantId: string; file: FileSoFar },
): Promise<UserOutcome[]> {
  const lines = numbered.map(({ line }) => line);
  const known = await store.known({
    ids: lines.flatMap((line) => line.user_id ?? []),
    emails: lines.flatMap((line) => line.email?.toLowerCase() ?? []),
    phoneNumbers: lines.flatMap((line) => line.phone_number ?? []),
    externalIds: lines.flatMap((line) => line.external_user_id ?? []),
    usernames: lines.flatMap((line) =>
      (line.applications ?? []).flatMap(({ app_id: appId, username }) =>
        username ? [{ appId, username }] : [],
      ),
    ),
  });
  const applications = await store.applications(
    lines.flatMap((line) => (line.applications ?? []).map((one) => one.app_id)),
  );
  const roles = await store.roles(lines.flatMap((line) => line.roles ?? []));
  const writes: Writes = { inserts: [], updates: [], memberships: [], roles: [], rolesGone: [] };
  const now = new Date().toISOString();
  const outcomes = numbered.map(({ number, line }): UserOutcome => {
    try {
      assertReferences(line, applications, roles);
      const user = matching(line, known, tenantId);
      const claimed = user && file.claim(user.user_id, number);
      if (claimed !== undefined) throw new RefusedLine(claimed);
      return plan(line, user, { now, writes, file });
    } catch (error) {
      return error instanceof RefusedLine ? error : new RefusedLine((error as Error).message);
    }
  });
  await write(store, writes);
  return outcomes;
}

async function write(store: UserTransferStore, writes: Writes): Promise<void> {
  await store.insert(writes.inserts);
  for (const { userId, columns } of writes.updates) await store.update(userId, columns);
  await store.putMemberships(writes.memberships);
  await store.assignRoles(writes.roles);
  await store.takeRoles(writes.rolesGone);
  // New users have no tokens.
  const fresh = new Set(writes.inserts.map((user) => user.user_id));
  const suspended = writes.updates.filter(({ columns }) => columns.status === 'Disabled');
  await store.pull(
    'invalidateOnMemberSuspension',
    suspended.map(({ userId }) => userId),
  );
  const changed = [...writes.roles, ...writes.rolesGone].filter(({ userId }) => !fresh.has(userId));
  await store.pull('invalidateOnMemberRoleUpdate', [...new Set(changed.map(({ userId }) => userId))]);
}

function assertReferences(line: UserLine, applications: Set<string>, roles: Set<string>): void {
  for (const { app_id } of line.applications ?? [])
    if (!applications.has(app_id))
      throw new RefusedLine(`applications: there is no application ${app_id} in this tenant`);
  for (const role of line.roles ?? [])
    if (!roles.has(role)) throw new RefusedLine(`roles: there is no role ${role} in this tenant`);
}

function plan(
  line: UserLine,
  user: KnownUser | undefined,
  { now, writes, file }: { now: string; writes: Writes; file: FileSoFar },
): Outcome {
  const columns = columnsOf(line, now);
  const profile = profileOf(line);
  if (user === undefined) return create(line, { columns, profile, now, writes });
  const userId = user.user_id;
  const changed = changesOf(user, columns, profile);
  const memberships = membershipsOf(line, userId, now, user.memberships).filter(
    (row) => !user.memberships.some((was) => isSame(was, row)),
  );
  const roles = line.roles ?? [];
  const missing = roles.filter((role) => !user.role_ids.includes(role));
  const gone = user.role_ids.filter((role) => !roles.includes(role) && file.decidesOn(role));
  if (Object.keys(changed).length > 0) writes.updates.push({ userId, columns: changed });
  writes.memberships.push(...memberships);
  writes.roles.push(...missing.map((roleId) => ({ userId, roleId })));
  writes.rolesGone.push(...gone.map((roleId) => ({ userId, roleId })));
  const changes = Object.keys(changed).length + memberships.length + missing.length + gone.length;
  return changes === 0 ? 'unchanged' : 'updated';
}

function create(
  line: UserLine,
  {
    columns,
    profile,
    now,
    writes,
  }: { columns: Record<string, unknown>; profile: object; now: string; writes: Writes },
): Outcome {
  const userId = line.user_id ?? newId<string>();
  writes.inserts.push({ created_at: now, updated_at: now, ...columns, profile, user_id: userId });
  writes.memberships.push(...membershipsOf(line, userId, now));
  writes.roles.push(...(line.roles ?? []).map((roleId) => ({ userId, roleId })));
  return 'created';
}

/** The one user that the line is about. @throws RefusedLine where its identifiers belong to several, or its id to another tenant */
function matching(line: UserLine, known: readonly KnownUser[], tenantId: string): KnownUser | undefined {
  const email = line.email?.toLowerCase();
  const found = known.filter(
    (user) =>
      user.user_id === line.user_id ||
      (email !== undefined && user.email === email) ||
      (line.phone_number !== undefined && user.phone_number === line.phone_number) ||
      (line.external_user_id !== undefined && user.external_user_id === line.external_user_id) ||
      (line.applications ?? []).some((one) => hasUsername(user, one)),
  );
  if (found.some((user) => user.tenant_id !== tenantId))
    throw new RefusedLine('user_id belongs to another tenant');
  const [user, ...others] = found;
  if (others.length > 0) throw new RefusedLine('the identifiers of this line belong to different users');
  if (user !== undefined && line.user_id !== undefined && user.user_id !== line.user_id)
    throw new RefusedLine('an identifier of this line belongs to another user');
  return user;
}

const hasUsername = (
  user: KnownUser,
  { app_id, username }: { app_id: string; username?: string | undefined },
): boolean =>
  username !== undefined &&
  user.memberships.some(
    (row) => row.app_id === app_id && row.username?.toLowerCase() === username.toLowerCase(),
  );

function changesOf(
  user: KnownUser,
  columns: Record<string, unknown>,
  profile: Record<string, unknown>,
): Record<string, unknown> {
  const current = user as unknown as Record<string, unknown>;
  const isAsIs = (name: string): boolean =>
    current[name] instanceof Date
      ? current[name].getTime() === new Date(columns[name] as string).getTime() || !isExact(columns[name])
      : isSame(current[name], columns[name]);
  const changed = Object.entries(columns).filter(([name]) => !ONLY_FOR_NEW.includes(name) && !isAsIs(name));
  const merged = { ...user.profile, ...profile };
  return {
    ...Object.fromEntries(changed),
    ...(!isSame(user.profile, merged) && { profile: merged }),
  };
}

/** "Verified" without a date says nothing about when: what is there already will do. */
const isExact = (time: unknown): boolean => Date.now() - new Date(time as string).getTime() > 60_000;
