import { fileURLToPath } from 'node:url';

/** The root of the project. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The small bundle that the tests share, trained afresh by the global set-up. */
export const TEST_BUNDLE = `${ROOT}node_modules/.cache/offmanifold/test-bundle`;

/** What onnxruntime-node makes of some samples with that bundle's scorer. */
export const TEST_EXPECTED = `${ROOT}node_modules/.cache/offmanifold/test-expected.json`;
