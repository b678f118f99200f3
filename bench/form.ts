/** Reads the sign-in form out of a page, as a browser without script would. */

export interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const decodeEntities = (text: string): string =>
  text.replace(
    /&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return NAMED[name ?? ''] ?? whole;
    },
  );

function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag);
  const value = match?.[1] ?? match?.[2] ?? match?.[3];
  return value === undefined ? undefined : decodeEntities(value);
}

/** The first form that asks for an identifier, with its hidden fields; undefined if there is none. */
export function findLoginForm(page: string): Form | undefined {
  for (const [form] of page.matchAll(/<form\b[\s\S]*?<\/form>/gi)) {
    const inputs = [...form.matchAll(/<input\b[^>]*>/gi)].map(([tag]) => tag);
    if (!inputs.some((tag) => attribute(tag, 'name') === 'identifier')) continue;
    const hidden = inputs.filter((tag) => attribute(tag, 'type')?.toLowerCase() === 'hidden');
    return {
      action: attribute(/<form\b[^>]*>/i.exec(form)?.[0] ?? '', 'action') ?? '',
      fields: Object.fromEntries(
        hidden.map((tag) => [attribute(tag, 'name') ?? '', attribute(tag, 'value') ?? '']),
      ),
    };
  }
  return undefined;
}
