import { defineConfig } from 'vitest/config';

/** Tests outside test/e2e that train models, read the shared bundles or run commands. */
const INTEGRATION = [
  'test/bundle/{node/folder,map,intact}.test.ts',
  'test/training/commands/**/*.test.ts',
  'test/training/data/datasets/whole.test.ts',
  'test/training/library.test.ts',
];

export default defineConfig({
  test: {
    // One after another, but for those of one group: functions fills what integration leaves of two processors.
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          include: ['test/{bundle,client,engine,kernels,tsne,training,server,dashboard,docs}/**/*.test.ts'],
          exclude: INTEGRATION,
          // One process for many files: importing onnxruntime and DuckDB in each takes longer than the tests.
          isolate: false,
          setupFiles: ['test/support/one-thread.ts'],
          maxWorkers: 2,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          sequence: { groupOrder: 1 },
          include: ['test/e2e/**/*.test.ts', ...INTEGRATION],
          globalSetup: ['test/support/global-setup.ts'],
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 600_000,
          // On a slow machine, a page may take seconds to follow.
          expect: { poll: { timeout: 20_000 } },
        },
      },
      {
        test: {
          name: 'slow',
          sequence: { groupOrder: 2 },
          include: ['test/slow/**/*.test.ts'],
          globalSetup: ['test/support/global-setup.ts', 'test/support/studies-setup.ts'],
          maxWorkers: 2,
          testTimeout: 900_000,
          hookTimeout: 600_000,
        },
      },
      'test/functions/vitest.config.ts',
    ],
  },
});
