/** Decides at which address of ours a prompt is answered; the interaction's cookie is sent there and nowhere else. */

const FOLDERS: Readonly<Record<string, string>> = { consent: 'consent', second_factor: 'second-factor' };

export const interactionPath = (interaction: { uid: string; prompt: { name: string } }): string =>
  `/${FOLDERS[interaction.prompt.name] ?? 'login'}/${interaction.uid}`;
