/** The download of one's own data. */
import { html } from '../http/html.ts';
import { form, problems } from './form-parts.ts';
import { type OwnDataParts, ownData } from './own-data.ts';
import type { AccountPage } from './visit.ts';

const PATH = '/account/data';

export const dataPage = (parts: OwnDataParts): AccountPage => ({
  path: PATH,
  recent: 'always',
  async show(visit, faults) {
    const { t } = visit;
    return {
      title: t.pages.data,
      body: html`<p>${t.dataMeaning}</p>${problems(faults)}${form(visit, PATH, { verb: 'download', button: t.download })}`,
    };
  },
  async submit(visit) {
    const { ctx } = visit;
    ctx.set('Cache-Control', 'no-store');
    ctx.attachment('my-data.json');
    ctx.type = 'application/json; charset=utf-8';
    ctx.body = JSON.stringify(await ownData(parts, visit), null, 2);
    return 'answered';
  },
});
