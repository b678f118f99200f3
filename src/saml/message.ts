/** Fills the templates of messages. Everything that is filled in is escaped, and is never read as a template itself. */
import samlify from 'samlify';
import { newSecret } from '../base/secrets.ts';

const { SamlLib } = samlify;

/** Not in XML at all (XML 1.0 section 2.2), so it can stand for a brace until everything is filled in. */
const BRACE = '\uFFFF';
const UNWRITABLE = /(?![\t\n\r])\p{Cc}|[\ufffe\uffff]|\p{Surrogate}/gu;

export type Values = Readonly<Record<string, string | undefined>>;

/**
 * The template with `{Name}` replaced by the value of that name. An attribute or element whose whole content is a name
 * without a value is left out. Characters that XML cannot hold are left out, too.
 */
export function fill(template: string, values: Values): string {
  const shielded = Object.entries(values).map(([name, value]) => [
    name,
    value?.replace(UNWRITABLE, '').replaceAll('{', BRACE),
  ]);
  return SamlLib.replaceTagsByValue(template, Object.fromEntries(shielded)).replaceAll(BRACE, '{');
}

/** An ID that nobody guesses (SAML core 1.3.4); an xs:ID does not begin with a digit or hyphen. */
export const newMessageId = (): string => `_${newSecret()}`;

/** SAML core 1.3.3: UTC, here in whole seconds. */
export const instant = (date: Date): string => date.toISOString().replace(/\.\d{3}Z$/, 'Z');
