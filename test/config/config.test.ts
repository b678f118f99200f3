import { ConfigError, readConfig } from '../../src/config/config.ts';

const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
};

describe('the configuration', () => {
  it('has safe defaults for everything', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      dataDir: './data',
      keysDir: './keys',
      logLevel: 'info',
      production: false,
      failuresPerAddress: 100,
    });
    expect(config.publicUrl.origin).toBe('http://localhost:3000');
    expect(config.databaseUrl).toBeUndefined();
  });

  it('reports every fault at once, naming the variable', () => {
    const faults = faultsOf({
      PORT: '99999',
      LOG_LEVEL: 'loud',
      TRUSTED_PROXIES: '10.0.0.0/8,proxy',
      DATABASE_URL: 'mysql://x',
      MASTER_KEY: 'short',
      BREACHED_PASSWORDS_DIR: '/no/such/folder',
      SIGN_IN_FAILURES_PER_ADDRESS: '-1',
    });
    for (const name of [
      'PORT',
      'LOG_LEVEL',
      'TRUSTED_PROXIES',
      'DATABASE_URL',
      'MASTER_KEY',
      'BREACHED_PASSWORDS_DIR',
      'SIGN_IN_FAILURES_PER_ADDRESS',
    ])
      expect(faults.some((fault) => fault.startsWith(name))).toBe(true);
    expect(faults).toHaveLength(7);
  });

  it('refuses plain http and a self-made master key in production', () => {
    const faults = faultsOf({ NODE_ENV: 'production', PUBLIC_URL: 'http://id.example.com' });
    expect(faults.join('\n')).toMatch(/PUBLIC_URL must begin with https/);
    expect(faults.join('\n')).toMatch(/MASTER_KEY/);
    expect(
      faultsOf({
        NODE_ENV: 'production',
        PUBLIC_URL: 'http://localhost.evil.com',
        MASTER_KEY: 'A'.repeat(43),
      }),
    ).toHaveLength(1);
    expect(
      faultsOf({ NODE_ENV: 'production', PUBLIC_URL: 'http://localhost:3000', MASTER_KEY: 'A'.repeat(43) }),
    ).toHaveLength(0);
  });

  it('never repeats a secret in a fault, and never prints one', () => {
    const secret = 'postgres-password-in-a-bad-url';
    expect(faultsOf({ DATABASE_URL: secret }).join()).not.toContain(secret);
    expect(JSON.stringify(readConfig({ DATABASE_URL: `postgres://u:${secret}@h/d` }))).not.toContain(secret);
  });

  it('refuses a secret given twice', () => {
    expect(faultsOf({ MASTER_KEY: 'A'.repeat(43), MASTER_KEY_FILE: '/nowhere' })).toEqual([
      expect.stringContaining('keep one'),
    ]);
  });
});
