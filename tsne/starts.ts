import { Random } from '../kernels/random.ts';
import { computeConditionalAffinities, computeJointAffinities } from './affinities.ts';
import type { Neighbours } from './types.ts';
import { checkNeighbours, checkPerplexity } from './validation.ts';

/** Rounds of the power iteration: the start need not be exact, and more change little. */
const ROUNDS = 200;

/** A start for `tsne` at random, n × dims: independent normal numbers. Another seed gives another one. */
export function randomStart(n: number, dims: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: n * dims }, () => random.normal());
}

/**
 * A spectral start for `tsne`, n × dims, as Laplacian eigenmaps place the points (Belkin & Niyogi 2003): the leading
 * eigenvectors v of D^−½ P D^−½, without the trivial one, as D^−½ v. P are the affinities, and D is diagonal with their row sums. By block
 * power iteration (Golub & Van Loan, section 8.2), the same each time.
 *
 * @throws RangeError naming the argument or option, if one is not as `tsne` takes it
 */
export function spectralStart(
  neighbours: Neighbours,
  { perplexity = 30, dims = 2 }: { perplexity?: number; dims?: 2 | 3 } = {},
): Float32Array {
  const { k, indices, distances } = neighbours;
  const n = Math.floor(indices.length / k);
  checkNeighbours(neighbours, n, n);
  checkPerplexity(perplexity, k);
  const conditional = new Float64Array(n * k);
  computeConditionalAffinities(distances, k, perplexity, 0, n, conditional);
  const joint = {
    rowStart: new Int32Array(n + 1),
    column: new Int32Array(2 * n * k),
    value: new Float32Array(2 * n * k),
  };
  computeJointAffinities(conditional, indices, n, k, joint);
  const { rowStart, column, value } = joint;
  const root = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let e = rowStart[i]; e < rowStart[i + 1]; e++) root[i] += value[e];
    root[i] = Math.sqrt(root[i]);
  }
  const trivial = unit(root.slice(), []);
  const random = new Random(0);
  const draw = () => Float64Array.from({ length: n }, () => random.normal());
  let vectors = orthonormalise(Array.from({ length: dims }, draw), trivial);
  // (1 + λ) / 2 instead of λ, so that negative eigenvalues do not lead.
  const multiply = (v: Float64Array) =>
    v.map((own, i) => {
      let sum = 0;
      for (let e = rowStart[i]; e < rowStart[i + 1]; e++) sum += (value[e] * v[column[e]]) / root[column[e]];
      return (own + sum / root[i]) / 2;
    });
  for (let round = 0; round < ROUNDS; round++) vectors = orthonormalise(vectors.map(multiply), trivial);
  return Float32Array.from({ length: n * dims }, (_, p) => {
    const i = Math.floor(p / dims);
    return vectors[p % dims][i] / root[i];
  });
}

/** Gram–Schmidt, in the order of the vectors, after another one. */
function orthonormalise(vectors: Float64Array[], first: Float64Array): Float64Array[] {
  const done = [first];
  for (const vector of vectors) done.push(unit(vector, done));
  return done.slice(1);
}

/** A vector without its parts along others, with length one. */
function unit(vector: Float64Array, others: readonly Float64Array[]): Float64Array {
  for (const other of others) {
    let dot = 0;
    for (let i = 0; i < vector.length; i++) dot += vector[i] * other[i];
    for (let i = 0; i < vector.length; i++) vector[i] -= dot * other[i];
  }
  let squares = 0;
  for (const value of vector) squares += value * value;
  return vector.map((value) => value / Math.sqrt(squares));
}
