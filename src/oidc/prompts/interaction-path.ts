/** Decides at which address of ours a prompt is answered; the interaction's cookie is sent there and nowhere else. */
import type { Interaction, KoaContextWithOIDC } from 'oidc-provider';
import { type FindHub, isAnsweredByHub } from '../policies/central-login.ts';
import { wantedAcr } from './requested-acr.ts';

const FOLDERS: Readonly<Record<string, string>> = {
  consent: 'consent',
  second_factor: 'second-factor',
  passkey_offer: 'passkey-offer',
};

type Asked = Pick<Interaction, 'uid' | 'prompt'>;

export const interactionPath =
  (findHub: FindHub) =>
  async ({ oidc }: KoaContextWithOIDC, { uid, prompt }: Asked): Promise<string> => {
    const atHub = prompt.name === 'login' && (await isAnsweredByHub(findHub, oidc.client, wantedAcr(oidc)));
    return `/${atHub ? 'hub' : (FOLDERS[prompt.name] ?? 'login')}/${uid}`;
  };
