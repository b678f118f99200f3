/** Which hosts the server may call at the wish of a client, beside those of the public internet. */

export interface ClientHosts {
  /** The server itself runs on a development machine. */
  readonly isLocal: boolean;
  readonly privateHosts: readonly string[];
}

interface Reading {
  text(name: string): string | undefined;
  fault(sentence: string): void;
}

const HOST = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$|^\[[0-9a-f:]+\]$/;

/** `PRIVATE_CLIENT_HOSTS`: names separated by commas, as they stand in the clients' URIs. */
export function readClientHosts(read: Reading, isLocal: boolean): ClientHosts {
  const privateHosts = (read.text('PRIVATE_CLIENT_HOSTS') ?? '')
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter(Boolean);
  for (const host of privateHosts)
    if (!HOST.test(host))
      read.fault(
        `PRIVATE_CLIENT_HOSTS must list host names such as shop.internal, without scheme and port; "${host}" is none.`,
      );
  return { isLocal, privateHosts };
}
