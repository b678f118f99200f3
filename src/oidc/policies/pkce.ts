/** Decides whether an authorization request must carry a code challenge (R51 to R60, contract D10). */
import type { EngineSettings } from '../adapter/client-model.ts';

export const requiresPkce = (settings: Pick<EngineSettings, 'pkce' | 'isFapi'>): boolean =>
  settings.isFapi || settings.pkce !== 'allowPkceAlongsideClientCredentials';
