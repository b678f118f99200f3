/** A refusal that the service provider is told, as the status of a signed response (SAML core 3.2.2). */
import { SECOND_STATUS, TOP_STATUS } from './saml-names.ts';

export class SamlStatus extends Error {
  readonly top: (typeof TOP_STATUS)[keyof typeof TOP_STATUS];
  readonly second: (typeof SECOND_STATUS)[keyof typeof SECOND_STATUS] | undefined;

  /** `message` is shown to the service provider. */
  constructor(top: keyof typeof TOP_STATUS, second: keyof typeof SECOND_STATUS | undefined, message: string) {
    super(message);
    this.name = 'SamlStatus';
    this.top = TOP_STATUS[top];
    this.second = second && SECOND_STATUS[second];
  }
}
