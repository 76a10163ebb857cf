import { NearestRows } from '../linear/nearest.ts';
import { voteLabel } from '../linear/vote.ts';
import { assertLabelled, assertRows, type Method } from './classifier.ts';

/**
 * The k-nearest-neighbours classifier (Cover & Hart 1967): the most common class among the k nearest rows
 * (Euclidean). If classes tie, that of the nearer row wins; if distances tie, the row with the lower index is nearer.
 * Fitting only stores the rows.
 */
export const nearestNeighbours = (k = 3): Method => ({
  name: `${k} nearest neighbours`,
  async fit(samples, options) {
    assertLabelled(samples);
    const { n, d, labels, classes } = samples;
    const found = await NearestRows.open(samples, k, options);
    const votes = new Int32Array(classes);
    return {
      parameters: n * d,
      bytes: 4 * n * d + n,
      async predict(rows) {
        assertRows(rows, d);
        const { indices } = await found.find(rows);
        return Uint8Array.from({ length: rows.n }, (_, i) =>
          voteLabel(indices.subarray(i * k, (i + 1) * k), labels, votes),
        );
      },
      [Symbol.asyncDispose]: () => found[Symbol.asyncDispose](),
    };
  },
});
