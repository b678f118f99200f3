/** Service providers with pysaml2: a Python process that makes requests and reads responses, with xmlsec1 beneath it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pysaml2Path, xmlsecPath } from './engines.ts';
import type { XmlIdentity } from './xml-tools.ts';

/** Skipped where Python's library or xmlsec1 is not there (engines.ts says so). */
export const describeWithPysaml2 = pysaml2Path && xmlsecPath ? describe : describe.skip;

const PROGRAM = join(import.meta.dirname, '..', 'interop', 'pysaml2-provider.py');

export interface PythonProvider {
  readonly entityId: string;
  readonly acs: string;
  readonly slo?: string;
  /** Of the identity provider. */
  readonly idpMetadata: string;
  readonly identity: XmlIdentity;
  readonly signs?: boolean;
  readonly wantsAssertionSigned?: boolean;
  readonly allowsUnsolicited?: boolean;
  readonly nameIdFormat: string;
}

export interface PythonMessage {
  /** By the Redirect binding. */
  readonly url?: string;
  /** The page that posts it, by the POST binding. */
  readonly html: string;
}
export interface PythonRequest extends PythonMessage {
  readonly id: string;
}

/** A message of ours as it comes to the provider. */
export interface PythonReceived {
  readonly binding: 'redirect' | 'post';
  readonly fields: Readonly<Record<string, string | undefined>>;
}

/** What the library found in a response. */
export interface PythonProfile {
  readonly nameId: string;
  readonly format: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly sessionIndex: string;
  readonly issuer: string;
}

export class Pysaml2 {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tessera-pysaml2-'));
  readonly #child = spawn(pysaml2Path ?? 'python3', [PROGRAM], { stdio: ['pipe', 'pipe', 'pipe'] });
  readonly #lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  #said = '';

  constructor() {
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString();
    });
  }

  async make(provider: PythonProvider): Promise<void> {
    const { identity, ...rest } = provider;
    await this.#ask({
      do: 'make',
      signs: false,
      wantsAssertionSigned: true,
      allowsUnsolicited: false,
      slo: 'https://sp.example.com/slo',
      ...rest,
      folder: this.#folder,
      xmlsec: xmlsecPath,
      key: identity.keyPem,
      certificate: identity.certificate,
    });
  }

  request(
    entityId: string,
    how: { binding: 'redirect' | 'post'; relayState: string; signs: boolean },
  ): Promise<PythonRequest> {
    return this.#ask({ do: 'request', entityId, ...how });
  }

  /** @throws Error as the library says it */
  accept(entityId: string, response: string, requestId?: string): Promise<PythonProfile> {
    return this.#ask({ do: 'accept', entityId, response, requestId });
  }

  /** Its LogoutRequest, for whom the last accepted response was about. */
  logout(entityId: string, how: { binding: 'redirect' | 'post'; signs: boolean }): Promise<PythonMessage> {
    return this.#ask({ do: 'logout', entityId, ...how });
  }

  /** Reads our LogoutResponse. @throws Error as the library says it */
  answered(entityId: string, received: PythonReceived): Promise<{ readonly isSignedIn: boolean }> {
    return this.#ask({ do: 'answered', entityId, ...received });
  }

  /** Reads our LogoutRequest. @returns its answer. @throws Error as the library says it */
  asked(
    entityId: string,
    received: PythonReceived & { signs: boolean },
  ): Promise<PythonMessage & { readonly isSignedIn: boolean }> {
    return this.#ask({ do: 'asked', entityId, ...received });
  }

  /** One answer for one command; the next is asked when it is there. */
  async #ask<T>(command: Record<string, unknown>): Promise<T> {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`pysaml2 ended: ${this.#said}`);
    const answer = JSON.parse(value) as T & { readonly fault?: string };
    if (answer.fault !== undefined) throw new Error(`${answer.fault}\n${this.#said.slice(-2000)}`);
    return answer;
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await once(this.#child, 'close');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
