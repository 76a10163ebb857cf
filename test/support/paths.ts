import { fileURLToPath } from 'node:url';
import { cacheKey } from './cache.ts';

/** The root of the project. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url).href);

/**
 * The sources that decide what a bundle holds. A change to any other file, such as a command or a view, reuses the
 * bundles that are cached.
 */
const SOURCES = [
  'package-lock.json',
  'kernels',
  'bundle',
  'tsne',
  'training',
  // Beside the other commands, which decide nothing.
  'training/commands/studies.ts',
  'test/support/global-setup.ts',
  'test/support/studies-setup.ts',
  'test/support/table-bundle.ts',
  'test/training/commands/sensors.ts',
];
const EXCLUDED = ['training/cli.ts', 'training/cli', 'training/commands', 'training/console'];

/** Caches by content, one folder for each state of the sources. */
export const CACHE = `${ROOT}node_modules/.cache/offmanifold`;

/**
 * What the global set-up makes for the integration tests. The key is computed once, so that a file saved while the
 * tests run does not send some of them to another folder.
 */
process.env.OFFMANIFOLD_TEST_KEY ??= cacheKey(ROOT, SOURCES, EXCLUDED);
export const FIXTURES = `${CACHE}/${process.env.OFFMANIFOLD_TEST_KEY}`;

/** The small MNIST bundle. Tests that change a bundle copy it first. */
export const TEST_BUNDLE = `${FIXTURES}/test-bundle`;

/** The same after the quick form of the studies, and what they printed, for the slow tests. */
export const STUDIED = `${FIXTURES}/studied`;
export const STUDIED_BUNDLE = `${STUDIED}/test-bundle`;
export const STUDIES_PRINTED = `${STUDIED}/printed.txt`;

/** The outputs of onnxruntime-node for some samples, from that bundle's scorer and decoder. */
export const TEST_EXPECTED = `${FIXTURES}/test-expected.json`;
