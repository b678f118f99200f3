/** Holds a grant against the kind of its client and its user, at every use: some rest on a living consent (pitfall 5). */
import { sql } from 'kysely';

/**
 * For queries that call `grants` by the name `g`. Without a consent it is a first party's, and not one of a client that
 * was made a third party after it had got its tokens. One with an actor rests on the delegated consent, and on an actor
 * who is not disabled.
 */
export const restsOnConsent = sql<boolean>`(case when g.consent_id is not null
  then exists (select 1 from consents o where o.consent_id = g.consent_id and o.expires_at > now())
  else not exists (select 1 from clients k where k.client_id = g.client_id and (k.settings->>'is_third_party')::boolean)
  end) and (g.delegated_consent_id is null or exists (select 1 from delegated_consents d
    join users a on a.user_id = d.actor_id
    where d.consent_id = g.delegated_consent_id and d.expires_at > now() and a.status <> 'Disabled'))`;
