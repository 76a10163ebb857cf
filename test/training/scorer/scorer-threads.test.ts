import { expect, test } from 'vitest';
import { Graph } from '../../../training/onnx/graph/graph.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { loadForRows } from '../../../training/scorer/scorer-threads.ts';

/** A score that is the sum of a sample, and half of it as p-value, which nobody asks for. */
function model(): Uint8Array {
  const graph = new Graph();
  const x = graph.input('input', ['N', 3]);
  const sum = graph.reduceSum(x, [1]);
  graph.output('score', sum);
  graph.output('p_value', graph.mul(sum, 0.5));
  return serialise(graph, 'test');
}

/** Batches of many and of few samples, in turns: batch i has the samples i, i + 1, … */
const BATCHES = [5000, 1, 3000, 300, 8192, 10, 2, 6000, 257, 256, 4000, 3].map((count, i) =>
  Float32Array.from({ length: 3 * count }, (_, p) => i + Math.floor(p / 3)),
);

test.each([
  ['few rows in the calling thread', { rows: 100, threads: 2 }, 1],
  ['one thread in the calling thread', { threads: 1 }, 1],
  ['many rows in threads', { rows: 1e6, threads: 2 }, 2],
  ['an unknown number of rows in threads', { threads: 3 }, 3],
])('scores %s', async (_, options, parallel) => {
  await using scorer = await loadForRows(model(), ['score'], options);
  expect(scorer.parallel).toBe(parallel);
  const found = await Promise.all(BATCHES.map((batch) => scorer.run(batch, batch.length / 3)));
  for (const [i, { score, ...others }] of found.entries()) {
    expect(Array.from(score)).toEqual(
      Array.from({ length: BATCHES[i]!.length / 3 }, (_, row) => 3 * (i + row)),
    );
    expect(others).toEqual({});
  }
});

test('says why a thread failed, for every batch and all later ones', async () => {
  await using scorer = await loadForRows(model(), ['score'], { threads: 2 });
  const wrong = scorer.run(Float32Array.of(1, 2, 3, 4), 1);
  await expect(wrong).rejects.toThrow(/index: 1 Got: 4 Expected: 3/);
  await expect(scorer.run(Float32Array.of(1, 2, 3), 1)).rejects.toThrow(/Got: 4 Expected: 3/);
});

test('refuses more once it is released', async () => {
  const scorer = await loadForRows(model(), ['score'], { threads: 2 });
  await scorer[Symbol.asyncDispose]();
  await expect(scorer.run(Float32Array.of(1, 2, 3), 1)).rejects.toThrow('ended');
});

test('ends at any time: while threads start, and while they score', async () => {
  for (let i = 0; i < 12; i++) {
    const scorer = await loadForRows(model(), ['score'], { threads: 2 });
    const batches = i % 2 ? BATCHES.map((batch) => scorer.run(batch, batch.length / 3)) : [];
    const settled = Promise.allSettled(batches);
    await new Promise((resolve) => setTimeout(resolve, 15 * i));
    await scorer[Symbol.asyncDispose]();
    expect(await settled).toHaveLength(batches.length);
  }
});
