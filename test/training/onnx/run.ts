import type * as ort from 'onnxruntime-node';
import { Random } from '../../../kernels/random.ts';
import { Graph, type Value } from '../../../training/onnx/graph/graph.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { createSession, tensor } from '../../../training/runtime/session.ts';

export interface Tensor {
  data: Float32Array;
  shape: readonly number[];
}

/** Draws a tensor, by default of standard normal numbers. */
export function drawTensor(
  shape: readonly number[],
  seed: number,
  draw = (random: Random) => random.normal(),
): Tensor {
  const random = new Random(seed);
  const length = shape.reduce((a, b) => a * b, 1);
  return { data: Float32Array.from({ length }, () => draw(random)), shape };
}

/** Runs a model on tensors by name. */
export async function runModel(
  model: Uint8Array,
  feeds: Record<string, Tensor>,
  options: { threads?: number } = {},
): Promise<ort.InferenceSession.OnnxValueMapType> {
  const session = await createSession(model, { threads: 1, ...options });
  const found = await session.run(
    Object.fromEntries(Object.entries(feeds).map(([name, { data, shape }]) => [name, tensor(data, shape)])),
  );
  await session.release();
  return found;
}

/** Runs an operation on tensors. Returns its outputs in order, each with the inferred shape. */
export async function runOp(
  inputs: readonly Tensor[],
  build: (graph: Graph, values: Value[]) => Value | Value[],
  options: { threads?: number } = {},
): Promise<Tensor[]> {
  const graph = new Graph();
  const values = inputs.map(({ shape }, i) => graph.input(`x${i}`, shape));
  const outputs = [build(graph, values)].flat();
  for (const [i, output] of outputs.entries()) graph.output(`y${i}`, output);
  const feeds = Object.fromEntries(inputs.map((input, i) => [`x${i}`, input]));
  const found = await runModel(serialise(graph, 'test'), feeds, options);
  return outputs.map((_, i) => ({ data: found[`y${i}`].data as Float32Array, shape: found[`y${i}`].dims }));
}
