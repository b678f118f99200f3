/** What is not read, each by the name of its attack, and how fields are read from what is. */
import {
  attributeOf,
  childOf,
  childrenOf,
  elementText,
  readXml,
  textOf,
  XmlFault,
} from '../../src/xml/read-xml.ts';

const reading = (xml: string) => (): Element => readXml(xml);
const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);

describe('readXml refuses', () => {
  const attacks: [string, string, RegExp][] = [
    ['an external entity (XXE)', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', /DTD/],
    ['an external DTD', '<!DOCTYPE a SYSTEM "http://evil.example/a.dtd"><a/>', /DTD/],
    ['a public DTD', '<!DOCTYPE a PUBLIC "-//x" "http://evil.example/a.dtd"><a/>', /DTD/],
    ['a parameter entity', '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://evil.example/">%x;]><a/>', /DTD/],
    [
      'an entity bomb',
      `<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "${'&a;'.repeat(99)}"><!ENTITY c "${'&b;'.repeat(99)}">]><a>&c;</a>`,
      /DTD/,
    ],
    ['a DTD in small letters', '<!doctype a><a/>', /DTD/],
    ['a DTD inside the root', '<a><!DOCTYPE a></a>', /DTD/],
    ['an entity declaration inside the root', '<a><!ENTITY x "y"></a>', /DTD/],
    ['an entity that nobody declared', '<a>&x;</a>', /entity reference/],
    ['an HTML entity', '<a>&nbsp;</a>', /entity reference/],
    ['an entity in an attribute', '<a b="&x;"/>', /entity reference/],
    ['a bare ampersand', '<a>fish & chips</a>', /entity reference/],
    ['a processing instruction', '<a><?php evil ?></a>', /processing instruction/],
    ['a style sheet', '<?xml-stylesheet href="http://evil.example/"?><a/>', /processing instruction/],
    ['a processing instruction behind the root', '<a/><?x y?>', /processing instruction/],
    ['a declaration that is not at the start', ' <?xml version="1.0"?><a/>', /processing instruction/],
    ['a second declaration', '<?xml version="1.0"?><?xml version="1.0"?><a/>', /processing instruction/],
    ['another encoding', '<?xml version="1.0" encoding="UTF-7"?><a/>', /processing instruction/],
    ['XML 1.1', '<?xml version="1.1"?><a/>', /processing instruction/],
    ['a declaration in capitals', '<?XML version="1.0"?><a/>', /processing instruction/],
    [
      'a comment that cuts a name (comment truncation)',
      '<a>admin@good.example<!-- -->.evil.example</a>',
      /comment/,
    ],
    ['a comment before the root', '<!-- --><a/>', /comment/],
    ['a comment behind the root', '<a/><!-- -->', /comment/],
    ['nothing', '', /no XML element/],
    ['blanks', ' \n', /no XML element/],
    ['text alone', 'hello', /text outside the root/],
    ['two roots', '<a/><b/>', /more than one root/],
    ['text before the root', 'x<a/>', /text outside the root/],
    ['text behind the root', '<a/>x', /text outside the root/],
    ['CDATA behind the root', '<a/><![CDATA[x]]>', /CDATA/],
    ['an element that is not closed', '<a><b></b>', /not closed/],
    ['CDATA that is not closed', '<a><![CDATA[x</a>', /CDATA/],
    ['a closing tag of another case', '<a></A>', /expected the end tag of a/],
    ['a closing tag with something behind its name', '<a></a b>', /end tag/],
    ['overlapping elements', '<a><b></a></b>', /expected the end tag of b/],
    ['a tag that does not end', '<a', /start tag/],
    ['an attribute without quotes', '<a b=c/>', /start tag/],
    ['an attribute without value', '<a b/>', /start tag/],
    ['attributes without a blank between', '<a b="1"c="2"/>', /start tag/],
    ['an attribute twice', '<a b="1" b="2"/>', /attribute b twice/],
    ['the attribute __proto__ twice', '<a __proto__="1" __proto__="2"/>', /attribute __proto__ twice/],
    ['"<" in an attribute', '<a b="<"/>', /start tag/],
    ['"]]>" in text', '<a>]]></a>', /CDATA/],
    ['a name with letters beyond ASCII', '<\u00e9/>', /element name/],
    ['a name with two colons', '<a:b:c xmlns:a="urn:a"/>', /start tag/],
    ['NUL', '<a>\u0000</a>', /control character/],
    ['a control character', '<a>\u0008</a>', /control character/],
    ['a control character by reference', '<a>&#8;</a>', /character reference/],
    ['NUL by reference', '<a>&#x0;</a>', /character reference/],
    ['half a character', '<a>\ud800</a>', /character/],
    ['half a character by reference', '<a>&#xD800;</a>', /character reference/],
    ['a character beyond Unicode', '<a>&#x110000;</a>', /character reference/],
    ['a reference with a capital X', '<a>&#X41;</a>', /entity reference/],
    ['a character that is none', '<a>\uffff</a>', /character/],
    ['a separator that older parsers take for a blank', '<a\u0080b="1"/>', /character/],
    ['a prefix that nobody declared', '<x:a/>', /prefix x is not declared/],
    ['an attribute with such a prefix', '<a x:b="1"/>', /prefix x is not declared/],
    ['a prefix of the JavaScript engine', '<constructor:a/>', /not declared/],
    [
      '__proto__ as a prefix',
      '<__proto__:a xmlns:__proto__="urn:x"/>',
      /namespace of __proto__:a is not clear/,
    ],
    ['the prefix xml bound anew', '<a xmlns:xml="urn:x"/>', /reserved/],
    ['the prefix xmlns bound', '<a xmlns:xmlns="urn:x"/>', /reserved/],
    [
      'another prefix for the namespace of xml',
      '<a xmlns:x="http://www.w3.org/XML/1998/namespace"/>',
      /reserved/,
    ],
    ['a default namespace of xmlns', '<a xmlns="http://www.w3.org/2000/xmlns/"/>', /reserved/],
    ['a prefix that is undeclared', '<x:a xmlns:x="urn:x"><b xmlns:x=""/></x:a>', /not an absolute URI/],
    ['a relative namespace', '<a xmlns="saml"/>', /not an absolute URI/],
    ['a namespace that carries markup', '<a xmlns="urn:x&quot; ID=&quot;y"/>', /not an absolute URI/],
    [
      'one attribute by two prefixes',
      '<a xmlns:x="urn:a" xmlns:y="urn:a" x:b="1" y:b="2"/>',
      /same attribute twice/,
    ],
    ['an attribute whose name only begins with xmlns', '<a xmlnsfoo="1"/>', /reserved/],
    ['an element with the prefix xml', '<xml:a/>', /reserved/],
    ['HTML, in which other rules hold', '<script xmlns="http://www.w3.org/1999/xhtml">&lt;</script>', /HTML/],
    ['two attributes ID with one value', '<a ID="x"><b ID="x"/></a>', /same ID/],
    ['ID and Id with one value', '<a ID="x"><b Id="x"/></a>', /same ID/],
    ['id and xml:id with one value', '<a id="x"><b xml:id="x"/></a>', /same ID/],
    ['ID and id with one value on one element', '<a id="x" ID="x"/>', /same ID/],
    ['65 levels', nested(65), /more than 64 levels/],
    ['a hundred thousand levels that fit the length', '<a>'.repeat(80_000), /more than 64 levels/],
    ['10,001 elements', `<a>${'<b/>'.repeat(10_000)}</a>`, /more than 10000 XML elements/],
    [
      '300 names',
      `<a>${[...Array(300).keys()].map((at) => `<n${at}/>`).join('')}</a>`,
      /different element names/,
    ],
    [
      '65 attributes',
      `<a ${[...Array(65).keys()].map((at) => `n${at}=""`).join(' ')}/>`,
      /more than 64 attributes/,
    ],
    ['65 sections', `<a>${'<![CDATA[]]>'.repeat(65)}</a>`, /more than 64 CDATA/],
    [
      '65 prefixes',
      `<a ${[...Array(40).keys()].map((at) => `xmlns:p${at}="urn:a"`).join(' ')}><b ${[...Array(40).keys()].map((at) => `xmlns:q${at}="urn:a"`).join(' ')}/></a>`,
      /more than 64 prefixes/,
    ],
    ['more than 256 KiB', `<a>${'x'.repeat(256 * 1024)}</a>`, /longer than 256 KiB/],
    ['more than 256 KiB of UTF-8', `<a>${'\u20ac'.repeat(100 * 1024)}</a>`, /longer than 256 KiB/],
  ];
  it.each(attacks)('%s', (_name, xml, sentence) => {
    expect(reading(xml)).toThrow(XmlFault);
    expect(reading(xml)).toThrow(sentence);
    expect(reading(xml)).toThrow(/^[\x20-\x7e]{1,300}$/);
  });

  it('ten megabytes before it looks at them', () => {
    const huge = `<a>${'<b/>'.repeat(2_500_000)}</a>`;
    const begin = performance.now();
    expect(reading(huge)).toThrow(/longer than 256 KiB/);
    expect(performance.now() - begin).toBeLessThan(100);
  });

  it('every sort of text that fits in little time', () => {
    const fill = (part: string, length = 255 * 1024): string => part.repeat(Math.floor(length / part.length));
    const names = [...Array(255).keys()].map((at) => `n${at}`);
    const texts = [
      fill('<'),
      fill('<a '),
      `<a ${fill(' ')}`,
      `<a b="${fill('&amp;')}"/>`,
      `<a b="${fill('&')}`,
      `<a>${fill('&#x41;')}</a>`,
      `<a>${fill(']]')}</a>`,
      `<a>${fill('<b>x</b>', 80_000)}</a>`,
      `<a>${fill(names.map((name) => `<${name}></${name}>`).join(''), 150_000)}</a>`,
      `<a>${fill('<b xmlns="urn:a" xmlns:b="urn:b"/>')}</a>`,
      `<${fill('a')}/>`,
    ];
    for (const text of texts) {
      const begin = performance.now();
      try {
        readXml(text);
      } catch (fault) {
        expect(fault).toBeInstanceOf(XmlFault);
      }
      expect(performance.now() - begin).toBeLessThan(3000);
    }
  });
});

describe('readXml takes', () => {
  it.each([
    '<?xml version="1.0"?><a/>',
    `<?xml version='1.0' encoding='utf-8' standalone="yes" ?>\r\n<a/>\n`,
    '\uFEFF<?xml version="1.0" encoding="UTF-8"?><a/>',
    ' <a/> ',
    nested(64).replace('<a>', '<a ID="x">'),
  ])('%j', (xml) => {
    expect(readXml(xml).localName).toBe('a');
  });

  it('CDATA, references and line ends as XML 1.0 reads them', () => {
    const root = readXml('<a b="1&#10;\t2"> &lt;x&gt;\r\n\r<![CDATA[&lt;]]>&#x1F600;\u2028&apos;</a>');
    expect(textOf(root)).toBe(" <x>\n\n&lt;\u{1f600}\u2028'");
    expect(attributeOf(root, 'b')).toBe('1\n 2');
  });
});

describe('reading from an element', () => {
  const root = readXml(
    '<p:a xmlns:p="urn:p" xmlns="urn:d" x="1" p:y="2"><b>1</b><p:b>2</p:b><c><b>3</b></c><b> 4 </b><e/></p:a>',
  );

  it('sees children of a namespace and name, not deeper ones', () => {
    expect(childrenOf(root, 'urn:d', 'b').map(textOf)).toEqual(['1', ' 4 ']);
    expect(childrenOf(root, 'urn:x', 'b')).toEqual([]);
    const one = childOf(root, 'urn:p', 'b');
    expect(one && textOf(one)).toBe('2');
    expect(childOf(root, 'urn:p', 'z')).toBeUndefined();
  });

  it('refuses two where one is expected, and elements where text is', () => {
    expect(() => childOf(root, 'urn:d', 'b')).toThrow('a has 2 elements b: one was expected');
    expect(() => textOf(root)).toThrow('a contains elements: only text was expected');
  });

  it('sees attributes without namespace only', () => {
    expect(attributeOf(root, 'x')).toBe('1');
    expect(attributeOf(root, 'y')).toBeUndefined();
    expect(attributeOf(root, 'p:y')).toBeUndefined();
    expect(attributeOf(root, 'xmlns')).toBeUndefined();
    expect(attributeOf(readXml('<a x=""/>'), 'x')).toBe('');
  });

  it('writes an element as a document of its own', () => {
    const inner = childOf(
      readXml('<p:a xmlns:p="urn:p" xmlns:q="urn:q"><p:b t="q:x">&#13;</p:b></p:a>'),
      'urn:p',
      'b',
    );
    const text = inner ? elementText(inner) : '';
    expect(text).toContain('xmlns:q="urn:q"');
    expect(textOf(readXml(text))).toBe('\r');
  });
});
