/** Jest runs the TypeScript sources as native ES modules; @swc/jest only strips the types. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testTimeout: 120_000,
  maxWorkers: 2,
  globalSetup: '<rootDir>/test/support/templates.js',
  globalTeardown: '<rootDir>/test/support/templates-end.js',
  reporters: ['default', '<rootDir>/test/support/requirements-reporter.js'],
};
