import type { DataKind } from './kind.ts';

/**
 * The detectors that judge samples if none are named. They were chosen once, on development sets (docs/detectors.md), and
 * never depend on the labels of the data at hand.
 */
export const DEFAULT_DETECTORS = {
  table: ['knn_5_percent:input', 'mixture:projection', 'robust_covariance:projection'],
  matrix: ['knn_5_percent:input', 'mixture:projection', 'robust_covariance:projection'],
  image: ['reconstruction:difference', 'local_error:difference', 'knn:code', 'mixture:code'],
} as const satisfies Record<DataKind, readonly string[]>;

/** Why they are the default, in a sentence; undefined if a model has others. */
export function explainDefault(kind: DataKind, names: readonly string[]): string | undefined {
  if (names.join() !== DEFAULT_DETECTORS[kind].join()) return undefined;
  return kind === 'image'
    ? 'They are the default because each finds what the others miss: what is reconstructed badly as a whole or in one place, and codes that are rare.'
    : 'They are the default because each assumes something else of ordinary rows (that they have neighbours, that they form several clouds, that they form one), so that their score is seldom far from that of the best detector for the data, whichever that is.';
}
