import onnxProto, { type onnx as Onnx } from 'onnx-proto';

const { FLOAT } = onnxProto.onnx.TensorProto.DataType;

/** A stored norm may differ by this much from that of its row, relative to the largest, because it was rounded. */
const ROUNDING = 1e-5;

/**
 * The squared norms of rows among the biases of the products with them, for the rows as they are stored now. Detectors
 * compute distances as ‖y‖² − 2 x·y: with the norms of other rows, distances and their order would be wrong.
 */
export function replaceNorms(
  initializers: readonly Onnx.ITensorProto[],
  readers: readonly Onnx.INodeProto[],
  before: Float32Array,
  after: Float32Array,
): Map<Onnx.ITensorProto, Onnx.ITensorProto> {
  const replaced = new Map<Onnx.ITensorProto, Onnx.ITensorProto>();
  for (const { opType, input } of readers) {
    const bias = initializers.find(({ name }) => opType === 'Gemm' && name === input?.[2]);
    if (bias?.dataType !== FLOAT || !bias.rawData) continue;
    const norms = new Float32Array(new Uint8Array(bias.rawData).buffer);
    const were = computeNorms(before, norms.length);
    const largest = were.reduce((most, value) => Math.max(most, value), 0);
    if (!norms.every((norm, i) => Math.abs(norm - were[i]) <= ROUNDING * largest)) continue;
    const rawData = new Uint8Array(computeNorms(after, norms.length).buffer);
    replaced.set(bias, { ...bias, rawData });
  }
  return replaced;
}

/** The squared norms of n rows. */
function computeNorms(values: Float32Array, n: number): Float32Array {
  const d = values.length / n;
  return Float32Array.from({ length: n }, (_, i) =>
    values.subarray(i * d, (i + 1) * d).reduce((sum, value) => sum + value ** 2, 0),
  );
}
