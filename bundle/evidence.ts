/** What a detector judges a sample by: the sample itself, its code, or the error of its reconstruction. */
export type Evidence = 'sample' | 'code' | 'error';

const EVIDENCE: Readonly<Record<string, Evidence>> = { input: 'sample', projection: 'sample', code: 'code' };

/** What detectors such as `knn:code` judge by. Without `code` and `error`, the autoencoder has no part in the score. */
export const listEvidence = (detectors: readonly { readonly name: string }[]): Set<Evidence> =>
  new Set(detectors.map(({ name }) => EVIDENCE[name.split(':')[1] ?? ''] ?? 'error'));
