import { EngineError } from '../onnx/error.ts';
import { around, type Call, fillWith, fromFront, numberOf, type Op, sizeOf } from './op.ts';

/** (x − μ)/σ · scale + bias, with μ and σ over the axes from `axis` on. */
const layerNormalization: Op = (call) => {
  const { shape } = call.inputs[0]!;
  const axis = fromFront(numberOf(call, 'axis', -1), shape.length);
  const size = sizeOf(shape.slice(axis));
  const rows = sizeOf(shape) / size;
  const epsilon = numberOf(call, 'epsilon', 1e-5);
  const [, scale, bias] = call.inputs;
  if (sizeOf(scale!.shape) !== size || (bias && sizeOf(bias.shape) !== size)) {
    throw new EngineError(`LayerNormalization: ${size} scales and biases are needed`);
  }
  return {
    shapes: [shape],
    over: [0],
    start: ({ input, outputs: [y = 0], floats }) => {
      const [from, factor, added, to] = [input(0) / 4, input(1) / 4, bias ? input(2) / 4 : 0, y / 4];
      return () => {
        const values = floats();
        for (let r = 0; r < rows; r++) {
          const start = from + r * size;
          let [sum, squares] = [0, 0];
          for (let j = 0; j < size; j++) sum += values[start + j]!;
          const mean = sum / size;
          for (let j = 0; j < size; j++) squares += (values[start + j]! - mean) ** 2;
          const reciprocal = 1 / Math.sqrt(squares / size + epsilon);
          for (let j = 0; j < size; j++) {
            const normal = (values[start + j]! - mean) * reciprocal;
            values[to + r * size + j] = normal * values[factor + j]! + (bias ? values[added + j]! : 0);
          }
        }
      };
    },
  };
};

/** (x − mean)/√(variance + epsilon) · scale + bias, each of the channels on the second axis. */
const batchNormalization: Op = (call: Call) => {
  const { shape } = call.inputs[0]!;
  const [outer, channels, inner] = around(shape, 1);
  const epsilon = numberOf(call, 'epsilon', 1e-5);
  const [scale, bias, mean, variance] = call.inputs.slice(1).map((operand) => {
    const constant = operand?.constant;
    if (constant?.length === channels) return Float32Array.from(constant.values);
    throw new EngineError(`BatchNormalization: ${channels} constants are needed`);
  });
  const factors = Float32Array.from(scale!, (s, c) => s / Math.sqrt(variance![c]! + epsilon));
  const shifts = Float32Array.from(bias!, (b, c) => b - mean![c]! * factors[c]!);
  return {
    shapes: [shape],
    over: [0],
    start: ({ kernels, input, outputs: [y = 0], derived }) => {
      const x = input(0);
      const factor = derived(
        [call.node, 'factors'],
        channels,
        fillWith(() => factors),
      );
      const shift = derived(
        [call.node, 'shifts'],
        channels,
        fillWith(() => shifts),
      );
      return () => {
        for (let r = 0; r < outer; r++) {
          const at = 4 * r * channels * inner;
          kernels.mul(x + at, factor, y + at, channels, inner, inner, 1, 1, 0);
          kernels.add(y + at, shift, y + at, channels, inner, inner, 1, 1, 0);
        }
      };
    },
  };
};

export const normalisation = {
  LayerNormalization: layerNormalization,
  BatchNormalization: batchNormalization,
} satisfies Record<string, Op>;
