import { NearestRows } from '../linear/nearest.ts';
import { voteLabel } from '../linear/vote.ts';
import { assertLabelled, assertRows, type Method } from './classifier.ts';

/**
 * The k-nearest-neighbours classifier (Cover & Hart 1967): the commonest class of the k nearest rows
 * (Euclidean). Of classes that are equally common that of the nearer row wins; ties of distance go to the
 * lower index. Fitting only keeps the rows.
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
