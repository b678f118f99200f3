/** The claims of a token that an application signed with its own key, as far as we and resource servers act on them. */
import type { JWTPayload } from 'jose';
import { z } from 'zod';

const id = z.string().regex(/^[\w.~:-]{1,128}$/);
const texts = z.array(z.string());
// A lifetime has 31 bits, so this second lies behind the end of every token that we make.
const moment = z.number().int().min(0).max(4_294_967_296);
const applicationToken = z.object({
  jti: id,
  sub: id,
  client_id: id,
  app_id: id,
  tid: id,
  aud: z.string().max(2048),
  iat: moment,
  exp: moment,
  rid: id.optional(),
  gid: id.optional(),
  sid: id.optional(),
  org_id: id.optional(),
  scope: z.string().optional(),
  roles: texts,
  ts_roles: texts.optional(),
  ts_permissions: texts.optional(),
  cnf: z.object({ 'x5t#S256': z.string().optional(), jkt: z.string().optional() }).optional(),
});

export type ApplicationTokenClaims = z.infer<typeof applicationToken>;

/** Undefined for claims in a form that we never write. */
export const readApplicationToken = (payload: JWTPayload): ApplicationTokenClaims | undefined =>
  applicationToken.safeParse(payload).data;
