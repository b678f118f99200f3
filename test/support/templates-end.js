/** Jest's globalTeardown: removes what templates.js has made. */
export default async function removeTemplates() {
  await globalThis.removeTemplates?.();
}
