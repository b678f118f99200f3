/** The door by which a browser that signs out is led through the SAML service providers of its session first. */
import type { EndedSession } from './ended-session.ts';

export interface SamlVisits {
  /**
   * @param next where the browser goes afterwards; undefined for a page that says that the person is signed out.
   * @returns the address of ours to go to first; undefined where no service provider has to be visited.
   */
  begin(ended: EndedSession, next: string | undefined): Promise<string | undefined>;
}
