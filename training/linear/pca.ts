import { Matrix as Dense, QrDecomposition } from 'ml-matrix';
import { Random } from '../../kernels/random.ts';
import { Graph } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import type { Matrix, RowReader } from '../runtime/rows.ts';
import { forEachChunk, runRows } from '../runtime/run-rows.ts';
import { createSession, type SessionOptions, tensor } from '../runtime/session.ts';
import { decomposeSymmetric } from './eigen.ts';

/** Rows in one run of a graph. */
const CHUNK = 1024;

/** Up to this many dimensions, the whole covariance matrix is decomposed. */
const EXACT = 1024;

/** With more dimensions: extra random directions, and passes over the rows. */
const OVERSAMPLING = 10;
const POWER_ITERATIONS = 6;
const SEED = 1;

/**
 * Principal component analysis of n rows with d values each (Pearson 1901; Hotelling 1933): the eigenvectors of the
 * covariance matrix, which is summed by matrix products in onnxruntime.
 */
export class Pca {
  readonly mean: Float64Array;
  /** components × d, row-major, orthonormal, by descending variance; the largest entry of each is positive. */
  readonly components: Float32Array;
  readonly count: number;
  /** The variance along each component. */
  readonly #variances: readonly number[];
  readonly #total: number;

  private constructor(
    mean: Float64Array,
    components: Float32Array,
    variances: readonly number[],
    total: number,
  ) {
    this.mean = mean;
    this.components = components;
    this.count = variances.length;
    this.#variances = variances;
    this.#total = total;
  }

  /** The share of the total variance that the components explain. */
  get explained(): number {
    const kept = this.#variances.reduce((sum, value) => sum + value, 0);
    return this.#total > 0 ? kept / this.#total : 1;
  }

  /** Fits the `count` leading components. Throws a RangeError if there are fewer dimensions. */
  static async fit(rows: Matrix | RowReader, count: number, options: SessionOptions = {}): Promise<Pca> {
    const { d } = rows;
    if (!(count >= 1 && count <= d)) throw new RangeError(`PCA: ${d} dimensions have no ${count} components`);
    if (d > EXACT) return Pca.#fitWide(rows, count, options);
    const { mean, covariance } = await sumMoments(rows, options);
    const { values, vectors } = decomposeSymmetric(covariance, d);
    const total = values.reduce((sum, value) => sum + value, 0);
    return new Pca(mean, leadingRows(vectors, count, d), values.slice(0, count), total);
  }

  /**
   * For many dimensions, without their covariance matrix: random directions are multiplied by it again and again, in
   * passes over the rows, and converge to the leading subspace (Halko, Martinsson & Tropp 2011, algorithm 4.4).
   */
  static async #fitWide(rows: Matrix | RowReader, count: number, options: SessionOptions): Promise<Pca> {
    const { n, d } = rows;
    const { mean, variance } = await measureSpread(rows);
    const width = Math.min(d, count + OVERSAMPLING);
    const random = new Random(SEED);
    let basis = new QrDecomposition(
      new Dense(Array.from({ length: d }, () => Array.from({ length: width }, () => random.normal()))),
    ).orthogonalMatrix;
    await using session = await createSession(buildPowerGraph(d, width, mean), options);
    const multiply = async (by: Dense) => {
      const feeds = { q: tensor(Float32Array.from(by.to1DArray()), [d, width]) };
      const sum = new Float64Array(d * width);
      await forEachChunk(session, rows, ['product'], { chunk: CHUNK, feeds }, ({ product }) => {
        const part = product.data as Float32Array;
        for (let p = 0; p < sum.length; p++) sum[p] += part[p] / n;
      });
      return Dense.from1DArray(d, width, sum);
    };
    for (let i = 0; i < POWER_ITERATIONS; i++) {
      basis = new QrDecomposition(await multiply(basis)).orthogonalMatrix;
    }
    const small = basis.transpose().mmul(await multiply(basis));
    const { values, vectors } = decomposeSymmetric(Float64Array.from(small.to1DArray()), width);
    const turned = Dense.from1DArray(width, width, vectors).mmul(basis.transpose());
    const total = variance.reduce((sum, value) => sum + value, 0);
    const leading = leadingRows(Float64Array.from(turned.to1DArray()), count, d);
    return new Pca(mean, leading, values.slice(0, count), total);
  }

  /** Projects rows: coordinates along the components, n × count, and each row's mean squared residual. */
  async project(
    rows: Matrix | RowReader,
    options: SessionOptions = {},
  ): Promise<{ coordinates: Float32Array; residual: Float32Array }> {
    await using session = await createSession(this.#graph(), options);
    return await runRows(session, rows, ['coordinates', 'residual'], { chunk: CHUNK });
  }

  /** Projects rows onto the components and back, n × d. */
  async reconstruct(rows: Matrix | RowReader, options: SessionOptions = {}): Promise<Float32Array> {
    await using session = await createSession(this.#graph(), options);
    return (await runRows(session, rows, ['reconstruction'], { chunk: CHUNK })).reconstruction;
  }

  /** A PCA with only the first `count` components. */
  takeLeading(count: number): Pca {
    const components = this.components.slice(0, count * this.mean.length);
    return new Pca(this.mean, components, this.#variances.slice(0, count), this.#total);
  }

  #graph(): Uint8Array {
    const d = this.mean.length;
    const graph = new Graph();
    const x = graph.input('x', ['N', d]);
    const components = graph.constant(this.components, [this.count, d]);
    const mean = graph.constant(Float32Array.from(this.mean), [d]);
    const centred = graph.sub(x, mean);
    const coordinates = graph.gemm(centred, components, { transB: true });
    const projected = graph.gemm(coordinates, components);
    graph.output('coordinates', coordinates);
    graph.output('reconstruction', graph.add(projected, mean));
    graph.output('residual', graph.reduceMean(graph.square(graph.sub(centred, projected)), [1]));
    return serialise(graph, 'pca');
  }
}

/** The first `count` eigenvectors (rows of d), each with the sign that makes its largest entry positive. */
function leadingRows(vectors: Float64Array, count: number, d: number): Float32Array {
  const leading = Float32Array.from(vectors.subarray(0, count * d));
  for (let i = 0; i < count; i++) {
    const vector = leading.subarray(i * d, (i + 1) * d);
    const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    if (largest < 0) for (let j = 0; j < d; j++) vector[j] = -vector[j];
  }
  return leading;
}

/** (x − mean)ᵀ (x − mean) q for rows x (N × d) and q (d × width). */
function buildPowerGraph(d: number, width: number, mean: Float64Array): Uint8Array {
  const graph = new Graph();
  const [x, q] = [graph.input('x', ['N', d]), graph.input('q', [d, width])];
  const centred = graph.sub(x, graph.constant(Float32Array.from(mean), [d]));
  graph.output('product', graph.gemm(centred, graph.gemm(centred, q), { transA: true }));
  return serialise(graph, 'power');
}

/** Measures mean and variance of each dimension, in two passes. */
async function measureSpread(rows: Matrix | RowReader) {
  const { n, d } = rows;
  const mean = new Float64Array(d);
  const variance = new Float64Array(d);
  for (const add of [
    (value: number, j: number) => (mean[j] += value / n),
    (value: number, j: number) => (variance[j] += (value - mean[j]) ** 2 / n),
  ]) {
    await readChunks(rows, (chunk) => {
      for (let p = 0, j = 0; p < chunk.length; p++, j = j + 1 === d ? 0 : j + 1) add(chunk[p], j);
    });
  }
  return { mean, variance };
}

/** Sums mean and covariance (d × d) of rows moved by the mean of the first chunk, so that few digits are lost. */
async function sumMoments(rows: Matrix | RowReader, options: SessionOptions) {
  const { n, d } = rows;
  const graph = new Graph();
  const x = graph.input('x', ['N', d]);
  graph.output('products', graph.gemm(x, x, { transA: true }));
  await using session = await createSession(serialise(graph, 'covariance'), options);
  const shift = new Float32Array(d);
  const sum = new Float64Array(d);
  const centred: RowReader = {
    n,
    d,
    async read(start, size, target) {
      if ('values' in rows) target.set(rows.values.subarray(start * d, (start + size) * d));
      else await rows.read(start, size, target);
      if (start === 0) for (let p = 0; p < target.length; p++) shift[p % d] += target[p] / size;
      for (let p = 0, j = 0; p < target.length; p++, j = j + 1 === d ? 0 : j + 1) {
        target[p] -= shift[j];
        sum[j] += target[p];
      }
    },
  };
  const total = new Float64Array(d * d);
  await forEachChunk(session, centred, ['products'], { chunk: CHUNK }, ({ products }) => {
    const part = products.data as Float32Array;
    for (let p = 0; p < total.length; p++) total[p] += part[p];
  });
  const mean = sum.map((value, j) => shift[j] + value / n);
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      const value = (total[i * d + j] - (sum[i] * sum[j]) / n) / n;
      covariance[i * d + j] = value;
      covariance[j * d + i] = value;
    }
  }
  return { mean, covariance };
}

async function readChunks(rows: Matrix | RowReader, use: (chunk: Float32Array) => void): Promise<void> {
  const { n, d } = rows;
  const buffer = new Float32Array(Math.min(CHUNK, n) * d);
  for (let start = 0; start < n; start += CHUNK) {
    const size = Math.min(CHUNK, n - start);
    const chunk = buffer.subarray(0, size * d);
    if ('values' in rows) chunk.set(rows.values.subarray(start * d, (start + size) * d));
    else await rows.read(start, size, chunk);
    use(chunk);
  }
}
