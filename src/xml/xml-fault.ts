/** The one error of XML that is not taken; its sentence is safe to show to anybody. */
export class XmlFault extends Error {
  override readonly name = 'XmlFault';
}
