/** Exclusive canonical XML of xml-crypto, with names in the order of their code points and not of a locale. */
import { ExclusiveCanonicalization } from 'xml-crypto';

const order = (left: string, right: string): 1 | 0 | -1 => (left === right ? 0 : left < right ? -1 : 1);

interface Named {
  readonly namespaceURI: string | null;
  readonly localName: string;
}

/** Canonical XML 1.0 section 2.3, "Namespace Nodes" and "Attribute Nodes". */
export class ExclusiveForm extends ExclusiveCanonicalization {
  override nsCompare(left: { readonly prefix: string }, right: { readonly prefix: string }): number {
    return order(left.prefix, right.prefix);
  }

  override attrCompare(left: Named, right: Named): 1 | 0 | -1 {
    return order(left.namespaceURI ?? '', right.namespaceURI ?? '') || order(left.localName, right.localName);
  }
}
