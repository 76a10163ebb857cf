import { fileURLToPath } from 'node:url';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineProject } from 'vitest/config';
import { FIXTURES, TEST_BUNDLE } from '../support/paths.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url).href);

declare module 'vitest' {
  export interface ProvidedContext {
    /** How many requests requests.test.ts makes. */
    generatedRequests: number;
  }
}

/** Runs inside workerd, on the configuration that is deployed, with the small bundles that the tests share. */
export default defineProject({
  plugins: [
    cloudflareTest({
      main: here('worker.ts'),
      wrangler: { configPath: here('../../wrangler.toml') },
      miniflare: { bindings: { LOG_REQUESTS: 'false' } },
    }),
  ],
  resolve: {
    alias: [
      { find: /^(\.\.\/)+dist\/bundle\//, replacement: `${TEST_BUNDLE}/` },
      { find: /^(\.\.\/)+node_modules\/\.cache\/offmanifold\//, replacement: `${FIXTURES}/` },
    ],
  },
  test: {
    name: 'functions',
    sequence: { groupOrder: 1 },
    maxWorkers: 2,
    root: here('.'),
    include: ['*.test.ts'],
    globalSetup: ['../support/global-setup.ts', 'png-files.ts'],
    // One isolate for all files: importing the Worker takes most of the time.
    isolate: false,
    testTimeout: 30_000,
    provide: { generatedRequests: Number(process.env.OFFMANIFOLD_REQUESTS ?? 2000) },
  },
});
