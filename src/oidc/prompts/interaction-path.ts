/** Decides at which address of ours a prompt is answered; the interaction's cookie is sent there and nowhere else. */

export const interactionPath = (interaction: { uid: string; prompt: { name: string } }): string =>
  interaction.prompt.name === 'consent' ? `/consent/${interaction.uid}` : `/login/${interaction.uid}`;
