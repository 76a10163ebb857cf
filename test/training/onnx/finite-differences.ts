import { expect } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { gradients } from '../../../training/onnx/graph/autodiff.ts';
import { Graph, type Value } from '../../../training/onnx/graph/graph.ts';
import { countElements } from '../../../training/onnx/ir/dims.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { createSession, tensor } from '../../../training/runtime/session.ts';
import { type Argument, clearOfZero, N } from './gradient-cases.ts';

/**
 * The step h of the five-point difference (−f(2h) + 8 f(h) − 8 f(−h) + f(−2h)) / 12h. Its truncation error
 * is h⁴/30 of the fifth derivative: for 1/x at its worst, x = 0.3, where that is 120/x⁶, 5e-5 (of a slope of
 * 11). f is a sum whose terms are rounded to f32 and then added in f64, so that the rounding error is about
 * 1.5 ε |y| / h = 1e-5 |y| for each y that moves, of which there are tens at most.
 */
const H = 1e-2;
const TOLERANCE = 5e-4;

/**
 * Compares the gradients of Σ wᵢ yᵢ, by every argument that is not fixed, with finite differences. y is what `build`
 * returns for the arguments; w differs from entry to entry, so that a transposed gradient shows. Returns the graph, so
 * that the caller can look at its nodes.
 */
export async function expectGradients(
  args: readonly Argument[],
  build: (graph: Graph, values: Value[]) => Value,
  seed = 1,
): Promise<Graph> {
  const graph = new Graph();
  const values = args.map(({ shape }, i) => graph.input(`x${i}`, shape));
  const y = build(graph, values);
  const weights = graph.input('weights', y.shape);
  const axes = graph.integers(y.shape.map((_, i) => i));
  const loss = graph.op('ReduceSum', [graph.op('Mul', [y, weights]), axes], { keepdims: 0 });
  graph.output('y', y);
  const free = values.filter((_, i) => !args[i].fixed);
  for (const [i, gradient] of gradients(graph, loss, free).entries())
    graph.output(`gradient ${free[i].name}`, gradient);
  const session = await createSession(serialise(graph, 'test'), { threads: 1 });

  const random = new Random(seed);
  const sizes = (shape: Value['shape']) => shape.map((d) => countElements([d], { N }));
  const data = args.map(({ shape, draw = clearOfZero }) =>
    Float32Array.from({ length: countElements(shape, { N }) }, () => draw(random)),
  );
  const w = Float32Array.from({ length: countElements(y.shape, { N }) }, (_, i) => Math.sin(i + 1));
  const feeds = Object.fromEntries(args.map(({ shape }, i) => [`x${i}`, tensor(data[i], sizes(shape))]));
  feeds.weights = tensor(w, sizes(y.shape));
  const analytic = await session.run(feeds);
  expect(analytic.y.dims, 'shape of the result').toEqual(sizes(y.shape));

  for (const [a, { shape, fixed }] of args.entries()) {
    if (fixed) continue;
    const found = analytic[`gradient x${a}`];
    expect(found.dims, `shape of the gradient of argument ${a}`).toEqual(sizes(shape));
    for (let i = 0; i < data[a].length; i++) {
      const x = data[a][i];
      let numeric = 0;
      for (const [step, factor] of [
        [2, -1],
        [1, 8],
        [-1, -8],
        [-2, 1],
      ]) {
        data[a][i] = x + step * H;
        const { y: moved } = await session.run(feeds, ['y']);
        numeric += (moved.data as Float32Array).reduce((sum, value, j) => sum + value * w[j], 0) * factor;
      }
      data[a][i] = x;
      numeric /= 12 * H;
      const tolerance = TOLERANCE * Math.max(1, Math.abs(numeric));
      expect(Math.abs(Number(found.data[i]) - numeric), `d / d argument ${a} [${i}]`).toBeLessThan(tolerance);
    }
  }
  await session.release();
  return graph;
}
