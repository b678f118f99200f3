/** Holds a grant against the kind of its client, at every use: a third party's rests on a consent (pitfall 5). */
import { sql } from 'kysely';

/**
 * For queries that call `grants` by the name `g`. The consent's end removes the grant, so what is left to see is a
 * client that was made a third party after it had got its tokens as a first party.
 */
export const restsOnConsent = sql<boolean>`(g.consent_id is not null or not exists (select 1 from clients k
  where k.client_id = g.client_id and (k.settings->>'is_third_party')::boolean))`;
