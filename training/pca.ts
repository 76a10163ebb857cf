import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { Graph } from './onnx/graph.ts';
import { serialise } from './onnx/serialise.ts';
import { createSession, tensor } from './session.ts';

/** Rows of the data in one run of the covariance graph. */
const CHUNK = 4096;

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
    const { mean, covariance } = await moments(rows, n, d, options);
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, {
      assumeSymmetric: true,
    });
    const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
    const components = new Float32Array(count * d);
    for (let i = 0; i < count; i++) {
      const vector = eigenvectorMatrix.getColumn(order[i]);
      const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
      components.set(largest < 0 ? vector.map((value) => -value) : vector, i * d);
    }
    const total = realEigenvalues.reduce((sum, value) => sum + value, 0);
    const variances = order.slice(0, count).map((i) => realEigenvalues[i]);
    return new Pca(mean, components, variances, total);
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
    const centred = graph.op('Sub', [x, mean]);
    const coordinates = graph.op('Gemm', [centred, components], { transB: 1 });
    const projected = graph.op('Gemm', [coordinates, components]);
    const error = graph.op('Sub', [centred, projected]);
    graph.output('coordinates', coordinates);
    graph.output('reconstruction', graph.op('Add', [projected, mean]));
    graph.output(
      'residual',
      graph.op('ReduceMean', [graph.op('Mul', [error, error])], { axes: [1], keepdims: 0 }),
    );
    return serialise(graph, 'pca');
  }
}

/** Mean and covariance (d × d). The rows are first moved by the mean of a part, so that no digits are lost. */
async function moments(rows: Rows, n: number, d: number, options: { threads?: number }) {
  const graph = new Graph();
  const x = graph.input('x', ['N', d]);
  graph.output('products', graph.op('Gemm', [x, x], { transA: 1 }));
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
