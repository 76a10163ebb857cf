import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import { Random } from '../../kernels/random.ts';
import { Graph } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import { createSession, tensor } from '../runtime/session.ts';

/** Rows of the data in one run of the covariance graph. */
const CHUNK = 1024;

/** Up to so many dimensions the whole covariance matrix is decomposed. */
const EXACT = 1024;

/** Of more: directions beside those that are wanted, and passes over the rows. */
const OVERSAMPLING = 10;
const POWER_ITERATIONS = 6;
const SEED = 1;

/** A source of rows as floats: fills `target` (count × d, row-major) with the rows from `start`. */
export type Rows = (start: number, count: number, target: Float32Array) => void | Promise<void>;

/**
 * Principal component analysis of n rows of d values (Pearson 1901; Hotelling 1933): the eigenvectors
 * of the covariance matrix, which is summed by matrix products in onnxruntime.
 */
export class Pca {
  readonly mean: Float64Array;
  /** components × d, row-major, orthonormal, by descending variance; the largest entry of each is positive. */
  readonly components: Float32Array;
  readonly count: number;
  /** Along each component. */
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

  /** Share of the variance in the components. */
  get explained(): number {
    const kept = this.#variances.reduce((sum, value) => sum + value, 0);
    return this.#total > 0 ? kept / this.#total : 1;
  }

  static async fit(
    rows: Rows,
    n: number,
    d: number,
    count: number,
    options: { threads?: number } = {},
  ): Promise<Pca> {
    if (!(count >= 1 && count <= d)) throw new RangeError(`PCA: ${count} components of ${d} dimensions`);
    if (d > EXACT) return Pca.#fitWide(rows, n, d, count, options);
    const { mean, covariance } = await moments(rows, n, d, options);
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, {
      assumeSymmetric: true,
    });
    const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
    const components = new Float32Array(count * d);
    for (let i = 0; i < count; i++) components.set(upright(eigenvectorMatrix.getColumn(order[i])), i * d);
    const total = realEigenvalues.reduce((sum, value) => sum + value, 0);
    const variances = order.slice(0, count).map((i) => realEigenvalues[i]);
    return new Pca(mean, components, variances, total);
  }

  /**
   * Of many dimensions, without their covariance matrix: the subspace that is left when random directions are
   * multiplied by it again and again, in passes over the rows (Halko, Martinsson & Tropp 2011, algorithm 4.4).
   */
  static async #fitWide(
    rows: Rows,
    n: number,
    d: number,
    count: number,
    options: { threads?: number },
  ): Promise<Pca> {
    const { mean, variance } = await spread(rows, n, d);
    const width = Math.min(d, count + OVERSAMPLING);
    const random = new Random(SEED);
    let basis = new QrDecomposition(
      new Matrix(Array.from({ length: d }, () => Array.from({ length: width }, () => random.normal()))),
    ).orthogonalMatrix;
    const session = await createSession(powerGraph(d, width, mean), options);
    const multiplied = async (by: Matrix) => {
      const q = tensor(Float32Array.from(by.to1DArray()), [d, width]);
      const buffer = new Float32Array(Math.min(CHUNK, n) * d);
      const sum = new Float64Array(d * width);
      for (let start = 0; start < n; start += CHUNK) {
        const size = Math.min(CHUNK, n - start);
        const chunk = buffer.subarray(0, size * d);
        await rows(start, size, chunk);
        const { product } = await session.run({ x: tensor(chunk, [size, d]), q });
        const part = product.data as Float32Array;
        for (let p = 0; p < sum.length; p++) sum[p] += part[p] / n;
      }
      return Matrix.from1DArray(d, width, sum);
    };
    for (let i = 0; i < POWER_ITERATIONS; i++) {
      basis = new QrDecomposition(await multiplied(basis)).orthogonalMatrix;
    }
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
      basis.transpose().mmul(await multiplied(basis)),
      { assumeSymmetric: true },
    );
    await session.release();
    const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
    const vectors = basis.mmul(eigenvectorMatrix);
    const components = new Float32Array(count * d);
    for (let i = 0; i < count; i++) components.set(upright(vectors.getColumn(order[i])), i * d);
    const total = variance.reduce((sum, value) => sum + value, 0);
    return new Pca(
      mean,
      components,
      order.slice(0, count).map((i) => realEigenvalues[i]),
      total,
    );
  }

  /** Coordinates of n rows along the components, n × count, and each row's mean squared residual. */
  async project(
    rows: Rows,
    n: number,
    options: { threads?: number } = {},
  ): Promise<{ coordinates: Float32Array; residual: Float32Array }> {
    const d = this.mean.length;
    const session = await createSession(this.#graph(), options);
    const coordinates = new Float32Array(n * this.count);
    const residual = new Float32Array(n);
    const buffer = new Float32Array(Math.min(CHUNK, n) * d);
    for (let start = 0; start < n; start += CHUNK) {
      const size = Math.min(CHUNK, n - start);
      const chunk = buffer.subarray(0, size * d);
      await rows(start, size, chunk);
      const x = tensor(chunk, [size, d]);
      await session.run(
        { x },
        {
          coordinates: tensor(coordinates.subarray(start * this.count, (start + size) * this.count), [
            size,
            this.count,
          ]),
          residual: tensor(residual.subarray(start, start + size), [size]),
        },
      );
    }
    await session.release();
    return { coordinates, residual };
  }

  /** The rows as the components have them, n × d: projected, and back again. */
  async reconstruct(rows: Rows, n: number, options: { threads?: number } = {}): Promise<Float32Array> {
    const d = this.mean.length;
    const session = await createSession(this.#graph(), options);
    const found = new Float32Array(n * d);
    for (let start = 0; start < n; start += CHUNK) {
      const size = Math.min(CHUNK, n - start);
      const chunk = found.subarray(start * d, (start + size) * d);
      await rows(start, size, chunk);
      const { reconstruction } = await session.run({ x: tensor(chunk, [size, d]) }, ['reconstruction']);
      chunk.set(reconstruction.data as Float32Array);
    }
    await session.release();
    return found;
  }

  /** The leading `count` components alone. */
  leading(count: number): Pca {
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
    const error = graph.sub(centred, projected);
    graph.output('coordinates', coordinates);
    graph.output('reconstruction', graph.add(projected, mean));
    graph.output('residual', graph.reduceMean(graph.square(error), [1]));
    return serialise(graph, 'pca');
  }
}

/** An eigenvector in the direction in which its largest entry is positive. */
function upright(vector: number[]): number[] {
  const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? vector.map((value) => -value) : vector;
}

/** (x − mean)ᵀ (x − mean) q for rows x (N × d) and q (d × width). */
function powerGraph(d: number, width: number, mean: Float64Array): Uint8Array {
  const graph = new Graph();
  const [x, q] = [graph.input('x', ['N', d]), graph.input('q', [d, width])];
  const centred = graph.sub(x, graph.constant(Float32Array.from(mean), [d]));
  graph.output('product', graph.gemm(centred, graph.gemm(centred, q), { transA: true }));
  return serialise(graph, 'power');
}

/** Mean and variance of each dimension, in two passes. */
async function spread(rows: Rows, n: number, d: number) {
  const mean = new Float64Array(d);
  const variance = new Float64Array(d);
  const buffer = new Float32Array(Math.min(CHUNK, n) * d);
  for (const add of [
    (value: number, j: number) => (mean[j] += value / n),
    (value: number, j: number) => (variance[j] += (value - mean[j]) ** 2 / n),
  ]) {
    for (let start = 0; start < n; start += CHUNK) {
      const chunk = buffer.subarray(0, Math.min(CHUNK, n - start) * d);
      await rows(start, chunk.length / d, chunk);
      for (let p = 0, j = 0; p < chunk.length; p++, j = j + 1 === d ? 0 : j + 1) add(chunk[p], j);
    }
  }
  return { mean, variance };
}

/** Mean and covariance (d × d). The rows are first moved by the mean of a part, so that no digits are lost. */
async function moments(rows: Rows, n: number, d: number, options: { threads?: number }) {
  const graph = new Graph();
  const x = graph.input('x', ['N', d]);
  graph.output('products', graph.gemm(x, x, { transA: true }));
  const session = await createSession(serialise(graph, 'covariance'), options);
  const buffer = new Float32Array(Math.min(CHUNK, n) * d);
  const shift = new Float32Array(d);
  const sum = new Float64Array(d);
  const products = new Float64Array(d * d);
  const partial = new Float32Array(d * d);
  for (let start = 0; start < n; start += CHUNK) {
    const size = Math.min(CHUNK, n - start);
    const chunk = buffer.subarray(0, size * d);
    await rows(start, size, chunk);
    if (start === 0) for (let p = 0; p < chunk.length; p++) shift[p % d] += chunk[p] / size;
    for (let i = 0, p = 0; i < size; i++) {
      for (let j = 0; j < d; j++, p++) {
        chunk[p] -= shift[j];
        sum[j] += chunk[p];
      }
    }
    await session.run({ x: tensor(chunk, [size, d]) }, { products: tensor(partial, [d, d]) });
    for (let p = 0; p < products.length; p++) products[p] += partial[p];
  }
  await session.release();
  const mean = sum.map((value, j) => shift[j] + value / n);
  const covariance = new Matrix(d, d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      const value = (products[i * d + j] - (sum[i] * sum[j]) / n) / n;
      covariance.set(i, j, value);
      covariance.set(j, i, value);
    }
  }
  return { mean, covariance };
}
