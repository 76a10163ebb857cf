import { fileURLToPath } from 'node:url';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineProject } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url).href);
const testBundle = here('../../node_modules/.cache/offmanifold/test-bundle/');

/** Runs inside workerd, on the configuration that is deployed, with the small bundle of the tests. */
export default defineProject({
  plugins: [cloudflareTest({ wrangler: { configPath: here('../../wrangler.toml') } })],
  resolve: { alias: [{ find: /^(\.\.\/)+dist\/bundle\//, replacement: testBundle }] },
  test: {
    name: 'functions',
    root: here('.'),
    include: ['*.test.ts'],
    globalSetup: ['../support/global-setup.ts', 'png-files.ts'],
    // One isolate for all files: importing the Worker takes most of the time.
    isolate: false,
    testTimeout: 30_000,
  },
});
