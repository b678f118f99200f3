/** Jest's globalTeardown: removes what embedded-template.js has made. */
export default function removeTemplate() {
  globalThis.removeTemplate?.();
}
