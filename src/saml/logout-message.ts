/** Builds the messages of single logout (SAML core 3.7), not signed yet: the binding decides how. */
import { fill, instant } from './message.ts';
import { SUCCESS } from './saml-names.ts';
import type { NameId } from './subject.ts';

export interface Envelope {
  readonly id: string;
  readonly issuer: string;
  readonly destination: string;
  readonly now: Date;
}

/** What a LogoutResponse says: done, or why not. */
export interface LogoutStatus {
  readonly top: string;
  readonly second?: string | undefined;
  readonly message?: string | undefined;
}

/** Seconds for which a provider may take it. */
const REQUEST_SECONDS = 300;
const NAMESPACES =
  'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';
const STATUS = '<status/>';

const REQUEST = `<samlp:LogoutRequest ${NAMESPACES} ID="{ID}" Version="2.0" IssueInstant="{Now}" Destination="{Destination}" NotOnOrAfter="{End}"><saml:Issuer>{Issuer}</saml:Issuer><saml:NameID Format="{Format}" NameQualifier="{NameQualifier}" SPNameQualifier="{SpNameQualifier}">{NameId}</saml:NameID><samlp:SessionIndex>{SessionIndex}</samlp:SessionIndex></samlp:LogoutRequest>`;
const RESPONSE = `<samlp:LogoutResponse ${NAMESPACES} ID="{ID}" InResponseTo="{InResponseTo}" Version="2.0" IssueInstant="{Now}" Destination="{Destination}"><saml:Issuer>{Issuer}</saml:Issuer><samlp:Status>${STATUS}</samlp:Status></samlp:LogoutResponse>`;
const TOP = '<samlp:StatusCode Value="{Top}"/>';
const BOTH = '<samlp:StatusCode Value="{Top}"><samlp:StatusCode Value="{Second}"/></samlp:StatusCode>';
const MESSAGE = '<samlp:StatusMessage>{Message}</samlp:StatusMessage>';

export const DONE: LogoutStatus = { top: SUCCESS };

const headOf = ({ id, issuer, destination, now }: Envelope) => ({
  ID: id,
  Issuer: issuer,
  Destination: destination,
  Now: instant(now),
});

export function logoutRequest(
  envelope: Envelope,
  { nameId, sessionIndex }: { readonly nameId: NameId; readonly sessionIndex: string },
): string {
  return fill(REQUEST, {
    ...headOf(envelope),
    End: instant(new Date(envelope.now.getTime() + REQUEST_SECONDS * 1000)),
    Format: nameId.format,
    NameQualifier: nameId.nameQualifier,
    SpNameQualifier: nameId.spNameQualifier,
    NameId: nameId.value,
    SessionIndex: sessionIndex,
  });
}

export function logoutResponse(
  envelope: Envelope,
  { inResponseTo, status }: { readonly inResponseTo: string; readonly status: LogoutStatus },
): string {
  const filled = fill(RESPONSE, { ...headOf(envelope), InResponseTo: inResponseTo });
  return filled.replace(STATUS, () => statusOf(status));
}

function statusOf({ top, second, message }: LogoutStatus): string {
  const code = fill(second === undefined ? TOP : BOTH, { Top: top, Second: second });
  return code + (message === undefined ? '' : fill(MESSAGE, { Message: message }));
}
