/** What a device is called on another one comes from a list of ours (contract/authentication.md 8). */
import { deviceInfo } from '../../src/auth/device-info.ts';

const named = (userAgent: string): string => {
  const { osType, osVersion, browserType, browserVersion } = deviceInfo(userAgent);
  return [osType, osVersion, browserType, browserVersion].join('|');
};

describe('the device that a User-Agent header names', () => {
  it.each([
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 Edg/124.0.2478.51',
      'Windows|10.0|Edge|124.0.2478.51',
    ],
    [
      'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36',
      'Android|14|Chrome|124.0.0.0',
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0', 'Linux||Firefox|125.0'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15',
      'macOS|10.15.7|Safari|17.4',
    ],
    ['curl/8.5.0', '|||'],
    ['', '|||'],
  ])('%s', (userAgent, words) => {
    expect(named(userAgent)).toBe(words);
  });

  it('has no words of the sender in it, whatever they send', () => {
    expect(named('Your bank <b>urges</b> you; Android 1.2 evil.example Chrome/9x')).toBe(
      'Android|1.2|Chrome|9',
    );
  });

  it('is found in a long header without delay', () => {
    const began = Date.now();
    named(`iPhone${' OS'.repeat(300)} Version/${'1.'.repeat(300)} x`.slice(0, 1024));
    expect(Date.now() - began).toBeLessThan(200);
  });
});
