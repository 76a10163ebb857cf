import { Random } from '../kernels/random.ts';
import { Graph } from '../training/onnx/graph/graph.ts';
import { serialise } from '../training/onnx/serialise.ts';
import { createSession, tensor } from '../training/runtime/session.ts';

/** Prints the best rate of a square product in GFLOP/s, both operands fed anew as in training. */
let best = 0;
for (const n of [768, 1024, 1536, 2048]) {
  const graph = new Graph();
  const [a, b] = [graph.input('a', [n, n]), graph.input('b', [n, n])];
  graph.output('c', graph.gemm(a, b));
  const session = await createSession(serialise(graph, 'gemm'));
  const random = new Random(n);
  const matrix = () =>
    tensor(
      Float32Array.from({ length: n * n }, () => random.uniform()),
      [n, n],
    );
  const feeds = { a: matrix(), b: matrix() };
  const fetches = { c: tensor(new Float32Array(n * n), [n, n]) };
  await session.run(feeds, fetches);
  for (let i = 0; i < 12; i++) {
    const began = performance.now();
    await session.run(feeds, fetches);
    best = Math.max(best, (2 * n ** 3) / (performance.now() - began) / 1e6);
  }
  await session.release();
}
console.log(best);
