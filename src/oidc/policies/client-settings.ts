/** Reads our settings back from an engine client; the one place that knows where they travel. */
import type { Client } from 'oidc-provider';
import type { EngineSettings } from '../adapter/client-model.ts';

export const settingsOf = (client: Client): EngineSettings =>
  (client as unknown as { tessera: EngineSettings }).tessera;
