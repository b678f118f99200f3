/** Resources as the outside writes and reads them. */
import { z } from 'zod';
import type { Resource, ResourceInput } from '../resources/resource.ts';

/** Whole seconds, positive, within a 32-bit integer. */
export const seconds = z.number().int().min(1).max(2_147_483_647);

const fields = {
  name: z.string().trim().min(1).max(256),
  description: z.string().max(4096),
  uri: z.string().min(1).max(2048),
  access_token_ttl: seconds,
  refresh_token_ttl: seconds,
  max_refresh_rotate: seconds,
  signing_alg: z.enum(['RS256', 'PS256', 'ES256', 'EdDSA']),
};

export const createResource = z.strictObject({
  ...fields,
  description: fields.description.default(''),
  signing_alg: fields.signing_alg.default('RS256'),
});
// What a read gives can be written back: the members that nobody can set are taken and left aside.
export const updateResource = z
  .strictObject({ ...fields, ...shownOnly('resource_id', 'tenant_id', 'created_at', 'updated_at') })
  .partial();
export const resourceByUri = z.object({ resourceUri: z.string().min(1).max(2048) });

/** Members of answers that a body may repeat without effect. */
export function shownOnly<Name extends string>(...names: Name[]): Record<Name, z.ZodOptional<z.ZodUnknown>> {
  const shown = z.unknown().optional();
  const described = shown.meta({ readOnly: true, description: 'Shown in answers; has no effect here.' });
  return Object.fromEntries(names.map((name) => [name, described])) as Record<
    Name,
    z.ZodOptional<z.ZodUnknown>
  >;
}

export const fromCreateResource = (body: z.infer<typeof createResource>): ResourceInput => ({
  name: body.name,
  description: body.description,
  uri: body.uri,
  accessTokenTtl: body.access_token_ttl,
  refreshTokenTtl: body.refresh_token_ttl,
  maxRefreshRotate: body.max_refresh_rotate,
  signingAlg: body.signing_alg,
});

export const fromUpdateResource = (body: z.infer<typeof updateResource>): Partial<ResourceInput> => ({
  ...(body.name !== undefined && { name: body.name }),
  ...(body.description !== undefined && { description: body.description }),
  ...(body.uri !== undefined && { uri: body.uri }),
  ...(body.access_token_ttl !== undefined && { accessTokenTtl: body.access_token_ttl }),
  ...(body.refresh_token_ttl !== undefined && { refreshTokenTtl: body.refresh_token_ttl }),
  ...(body.max_refresh_rotate !== undefined && { maxRefreshRotate: body.max_refresh_rotate }),
  ...(body.signing_alg !== undefined && { signingAlg: body.signing_alg }),
});

export const toOuterResource = (resource: Resource) => ({
  resource_id: resource.resourceId,
  tenant_id: resource.tenantId,
  name: resource.name,
  description: resource.description,
  uri: resource.uri,
  access_token_ttl: resource.accessTokenTtl,
  refresh_token_ttl: resource.refreshTokenTtl,
  max_refresh_rotate: resource.maxRefreshRotate,
  signing_alg: resource.signingAlg,
  created_at: resource.createdAt.toISOString(),
  updated_at: resource.updatedAt.toISOString(),
});
