// Jest loads its global setup with Node's own loader, which finds our TypeScript through this.
// oxlint-disable-next-line no-unassigned-import -- imported for what it does
import './libs/shared-kernel/testing/typescript.mjs';

// Tests run the TypeScript sources through SWC; packages resolve by their own `exports`, so a test
// cannot reach behind a wall that the module system closes.
export default {
  testMatch: ['<rootDir>/{apps,libs,cli}/**/*.test.ts'],
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/libs/shared-kernel/testing/quiet-log.ts'],
  globalSetup: '<rootDir>/libs/shared-kernel/testing/global-setup.ts',
  globalTeardown: '<rootDir>/libs/shared-kernel/testing/global-teardown.ts',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.data/'],
  testTimeout: 60_000,
  maxWorkers: 2,
};
