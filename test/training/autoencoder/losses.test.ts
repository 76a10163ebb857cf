import { expect, test } from 'vitest';
import { type LossName, losses } from '../../../training/autoencoder/losses.ts';
import { Graph } from '../../../training/onnx/graph.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { Random } from '../../../training/random.ts';
import { createSession, tensor } from '../../../training/session.ts';

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** The losses from their definitions, in float64. */
const definitions: Record<LossName, (z: number, x: number) => number> = {
  binary_cross_entropy: (z, x) => x * Math.log1p(Math.exp(-z)) + (1 - x) * Math.log1p(Math.exp(z)),
  mean_squared_error: (z, x) => (sigmoid(z) - x) ** 2,
};

const [n, features] = [20, 784];
const random = new Random(1);

for (const [name, definition] of Object.entries(definitions) as [
  LossName,
  (z: number, x: number) => number,
][]) {
  for (const spread of [0.1, 3, 60]) {
    test(`${name} is its definition for logits of about ±${spread}`, async () => {
      const graph = new Graph();
      const [z, x] = [graph.input('z', ['N', features]), graph.input('x', ['N', features])];
      graph.output('loss', losses[name](graph, z, x));
      const session = await createSession(serialise(graph, 'loss'));
      const logits = Float32Array.from({ length: n * features }, () => spread * random.normal());
      const targets = Float32Array.from({ length: n * features }, () => random.uniform());
      const feeds = { z: tensor(logits, [n, features]), x: tensor(targets, [n, features]) };
      const found = (await session.run(feeds)).loss.data as Float32Array;
      for (let i = 0; i < n; i++) {
        let expected = 0;
        for (let p = i * features; p < (i + 1) * features; p++) expected += definition(logits[p], targets[p]);
        expect(Math.abs(found[i] - expected)).toBeLessThan(1e-5 * expected + 1e-3);
      }
      await session.release();
    });
  }
}
