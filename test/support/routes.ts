/** The rows of the running management API, read from the tables that the server itself is built from. */
import { type AdminParts, adminRows } from '../../src/admin/admin-routes.ts';
import { ownProfileRoutes } from '../../src/admin/own-profile-routes.ts';
import { roleGroupRoutes } from '../../src/admin/role-group-routes.ts';
import { roleRoutes } from '../../src/admin/role-routes.ts';
import type { Row } from '../../src/admin/route.ts';
import { sessionRoutes } from '../../src/admin/session-routes.ts';
import { userContactRoutes } from '../../src/admin/user-contact-routes.ts';
import { userRoutes } from '../../src/admin/user-routes.ts';

/** Rows only name their services when they are called, which nobody does here. */
const parts = {
  users: [
    ...ownProfileRoutes(undefined as never),
    ...userRoutes(undefined as never),
    ...userContactRoutes(undefined as never),
  ],
  sessions: sessionRoutes(undefined as never),
  roles: [...roleRoutes({} as never), ...roleGroupRoutes(undefined as never)],
} as unknown as AdminParts;

export const managementRows: readonly Row[] = adminRows(parts);

export const parametersOf = (path: string): string[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);

/** The path with every parameter replaced. */
export const filled = (path: string, value: (name: string) => string): string =>
  path.replace(/:(\w+)/g, (_, name: string) => value(name));
