import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          globalSetup: ['test/support/global-setup.ts'],
          include: ['test/{bundle,training,kernels,tsne,dashboard,e2e}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'slow',
          include: ['test/slow/**/*.test.ts'],
          testTimeout: 900_000,
          fileParallelism: false,
        },
      },
      'test/functions/vitest.config.ts',
    ],
  },
});
