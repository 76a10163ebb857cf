import { defineConfig } from 'vitest/config';

/** Tests outside test/e2e that train models, read the shared bundles or run commands. */
const INTEGRATION = [
  'test/bundle/{node/folder,map}.test.ts',
  'test/training/commands/**/*.test.ts',
  'test/training/data/datasets/whole.test.ts',
  'test/training/library.test.ts',
  'test/training/pipeline/run.test.ts',
  'test/training/studies/command.test.ts',
];

export default defineConfig({
  test: {
    // Projects with different numbers of workers cannot share a group: they run one after another.
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          include: ['test/{bundle,kernels,tsne,training,dashboard,docs}/**/*.test.ts'],
          exclude: INTEGRATION,
          // One process for many files: importing onnxruntime and DuckDB in each takes longer than the tests.
          isolate: false,
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
        },
      },
      {
        test: {
          name: 'slow',
          sequence: { groupOrder: 3 },
          include: ['test/slow/**/*.test.ts'],
          testTimeout: 900_000,
          fileParallelism: false,
        },
      },
      'test/functions/vitest.config.ts',
    ],
  },
});
