/** Reads the metadata of a service provider (SAML metadata 2.4.4) into the fields of a SAML client: which provider is meant, and whether it may be believed. */
import { attributeOf, childrenOf, readXml, XmlFault } from '../xml/read-xml.ts';
import { SignatureFault, signatureOf, verifiedElement } from '../xml/xml-signature.ts';
import type { SamlClientInput } from './client-input.ts';
import { METADATA, roleFields, shown, unusable } from './sp-metadata-role.ts';

const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const ENTITY_ID = /^[^\s\p{C}]{1,1024}$/u;
/** xs:dateTime with its zone. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
/** Generators write a warning there. Nothing has begun yet that a comment could cut in two. */
const COMMENTS_BEFORE_ROOT = /^(\uFEFF?(?:<\?xml [^>]{0,200}\?>)?\s*)(?:<!--(?:(?!--)[\s\S])*-->\s*)+/;

export interface MetadataQuestion {
  /** The provider that the caller names: it must be that one. */
  readonly named: string | undefined;
  /** Which of several is meant where the caller names none. */
  readonly known?: string | undefined;
  /** PEM, where the signature has to be one of its key. */
  readonly certificate: string | undefined;
  readonly now: Date;
}

/** @throws 400 with a sentence that begins with `sp_metadata`. */
export function readSpMetadata(xml: string, question: MetadataQuestion): SamlClientInput {
  try {
    const entity = trustedEntity(readXml(xml.replace(COMMENTS_BEFORE_ROOT, '$1')), question);
    return fieldsOf(entity, question);
  } catch (error) {
    if (error instanceof XmlFault || error instanceof SignatureFault) throw unusable(error.message);
    throw error;
  }
}

/** The entity, read from what was signed where a signature is asked for. */
function trustedEntity(root: Element, question: MetadataQuestion): Element {
  const { certificate } = question;
  if (certificate === undefined) return chosen(root, question);
  if (signatureOf(root)) return chosen(verifiedElement(root, root, [certificate]), question);
  const entity = chosen(root, question);
  if (entity === root || !signatureOf(entity))
    throw unusable('it is not signed, and a certificate was given to verify it with');
  assertValid(root, question.now);
  return verifiedElement(root, entity, [certificate]);
}

/** The root, or the one service provider in it that is meant. */
function chosen(root: Element, { named, known, now }: MetadataQuestion): Element {
  if (root.namespaceURI !== METADATA || !['EntityDescriptor', 'EntitiesDescriptor'].includes(root.localName))
    throw unusable('it must be an EntityDescriptor of SAML 2.0, or an EntitiesDescriptor');
  if (root.localName === 'EntityDescriptor') return root;
  assertValid(root, now);
  const providers = childrenOf(root, METADATA, 'EntityDescriptor').filter(
    (entity) => childrenOf(entity, METADATA, 'SPSSODescriptor').length > 0,
  );
  const [first] = providers;
  if (first && providers.length === 1) return first;
  const wanted = named ?? known;
  const found = providers.filter((entity) => attributeOf(entity, 'entityID') === wanted);
  const [only] = found;
  if (only && found.length === 1) return only;
  throw unusable(
    `it describes ${providers.length} service providers, and ${found.length} of them with the entity ID ${shown(wanted)}: say in sp_entity_id which one is meant`,
  );
}

function assertValid(element: Element, now: Date): void {
  const text = attributeOf(element, 'validUntil');
  if (text === undefined) return;
  const until = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(until)) throw unusable(`validUntil of ${element.localName} is no time: ${shown(text)}`);
  if (until <= now.getTime())
    throw unusable(
      `it was valid until ${new Date(until).toISOString()}: ask the provider for its present metadata`,
    );
}

function fieldsOf(entity: Element, { named, now }: MetadataQuestion): SamlClientInput {
  assertValid(entity, now);
  const entityId = attributeOf(entity, 'entityID');
  if (entityId === undefined || !ENTITY_ID.test(entityId))
    throw unusable(`the entityID must be a name without spaces, not ${shown(entityId)}`);
  if (named !== undefined && named !== entityId)
    throw unusable(`it is that of ${shown(entityId)}, and sp_entity_id says ${shown(named)}`);
  const provider = providerOf(entity);
  assertValid(provider, now);
  return {
    sp_entity_id: entityId,
    ...roleFields(provider),
  };
}

function providerOf(entity: Element): Element {
  const providers = childrenOf(entity, METADATA, 'SPSSODescriptor').filter((provider) =>
    (attributeOf(provider, 'protocolSupportEnumeration') ?? '').split(/\s+/).includes(PROTOCOL),
  );
  const [provider, ...more] = providers;
  if (!provider || more.length > 0)
    throw unusable(`it must have one SPSSODescriptor for SAML 2.0, and has ${providers.length}`);
  return provider;
}
