/** What a `User-Agent` header says of a device, in words that are ours: nobody can make it say anything else to a user. */

/** Texts that have no value are empty (contract C3). */
export interface DeviceInfo {
  readonly osType: string;
  readonly osVersion: string;
  readonly browserType: string;
  readonly browserVersion: string;
}

type Pattern = readonly [name: string, pattern: RegExp];

/** The first that fits; phones say that they are their elders, too. */
const SYSTEMS: readonly Pattern[] = [
  ['iOS', /(?:iPhone|iPad|iPod).*? OS ([\d_]{1,20})/],
  ['Android', /Android ([\d.]{1,20})/],
  ['Windows', /Windows NT ([\d.]{1,20})/],
  ['macOS', /Mac OS X ([\d_.]{1,20})/],
  ['ChromeOS', /CrOS \S{1,20} ([\d.]{1,20})/],
  ['Linux', /Linux/],
];
const BROWSERS: readonly Pattern[] = [
  ['Edge', /Edg(?:e|A|iOS)?\/([\d.]{1,20})/],
  ['Opera', /OPR\/([\d.]{1,20})/],
  ['Samsung Internet', /SamsungBrowser\/([\d.]{1,20})/],
  ['Firefox', /(?:Firefox|FxiOS)\/([\d.]{1,20})/],
  ['Chrome', /(?:Chrome|CriOS)\/([\d.]{1,20})/],
  ['Safari', /Version\/([\d.]{1,20}).*? Safari\//],
];

const found = (patterns: readonly Pattern[], userAgent: string): readonly [string, string] => {
  for (const [name, pattern] of patterns) {
    const match = pattern.exec(userAgent);
    if (match) return [name, (match[1] ?? '').replaceAll('_', '.')];
  }
  return ['', ''];
};

export function deviceInfo(userAgent: string): DeviceInfo {
  const [osType, osVersion] = found(SYSTEMS, userAgent);
  const [browserType, browserVersion] = found(BROWSERS, userAgent);
  return { osType, osVersion, browserType, browserVersion };
}
