/** Shows the logos of organizations to everybody, as `logo_url` says. */
import Router from '@koa/router';
import { notFound } from '../base/errors.ts';
import type { OrganizationId, TenantId } from '../base/ids.ts';
import { pathId } from '../http/route.ts';
import type { OrganizationService } from '../organizations/organization-service.ts';

export function createLogoRouter(parts: { organizations: OrganizationService; tenantId: TenantId }): Router {
  const router = new Router();
  router.get('/organizations/:organization_id/logo', async (ctx) => {
    const organizationId = pathId<OrganizationId>(ctx as never, 'organization_id');
    const logo = await parts.organizations.findLogo(parts.tenantId, organizationId);
    if (!logo) throw notFound('This organization has no logo');
    ctx.set({
      'content-type': logo.mediaType,
      // Whatever the picture holds, a browser that opens it runs nothing.
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'public, max-age=3600',
    });
    ctx.body = Buffer.from(logo.content);
  });
  return router;
}
