import * as web from 'onnxruntime-web/wasm';
import { describe, expect, test } from 'vitest';
import { load } from '../../../engine/index.ts';
import { type FittedDetector, fitDetector } from '../../../training/detectors/detector.ts';
import { DETECTORS } from '../../../training/detectors/registry.ts';
import { runDetector, runSubgraph } from '../../../training/detectors/run.ts';
import { Graph } from '../../../training/onnx/graph/graph.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { countKeptRows } from '../../support/kept-rows.ts';
import { clusters, matrix, rowsOf } from './points.ts';

/** A detector as a graph: its scores, and shares if there are any. */
function exportDetector(fitted: FittedDetector, d: number): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', ['N', d]);
  graph.output('score', fitted.score(graph, x));
  if (fitted.shares) graph.output('shares', fitted.shares(graph, x));
  return serialise(graph, 'test');
}

interface Found {
  readonly score: Float32Array;
  readonly shares?: Float32Array | undefined;
}

async function byOnnxRuntimeWeb(fitted: FittedDetector, { values, n, d }: Matrix): Promise<Found> {
  web.env.wasm.numThreads = 1;
  const session = await web.InferenceSession.create(exportDetector(fitted, d));
  const found = await session.run({ x: new web.Tensor('float32', values, [n, d]) });
  await session.release();
  return { score: found.score.data as Float32Array, shares: found.shares?.data as Float32Array | undefined };
}

async function byOwnEngine(fitted: FittedDetector, { values, n, d }: Matrix): Promise<Found> {
  const engine = await load(exportDetector(fitted, d));
  return fitted.shares ? engine.run(values, n, ['score', 'shares']) : engine.run(values, n, ['score']);
}

const allFinite = (values: Float32Array) => values.every((value) => Number.isFinite(value));

/** Without those for an autoencoder's errors, which have tests of their own. */
const ofPoints = Object.entries(DETECTORS).filter(([, { family }]) => family !== 'reconstruction');

describe.each(ofPoints)('%s', (name, detector) => {
  test('is registered under its name', () => {
    expect(detector.name).toBe(name);
  });

  test('holds rows that it was fitted to only if it says so', async () => {
    const rows = clusters(200);
    const kept = countKeptRows(exportDetector(await detector.fit(rows, { seed: 3 }), rows.d), rows);
    expect(kept).toBe(detector.keepsRows ? rows.n : 0);
  });

  test('the same seed gives the same scores, bit for bit', async () => {
    const [train, fresh] = [clusters(400), clusters(50, 2)];
    const both = [];
    for (let i = 0; i < 2; i++) both.push(await runDetector(await detector.fit(train, { seed: 3 }), fresh));
    expect(both[0]).toEqual(both[1]);
  });

  test.each([
    ['onnxruntime-web', byOnnxRuntimeWeb],
    ['our engine', byOwnEngine],
  ])('%s computes what onnxruntime-node does', async (_, atTheEdge) => {
    const fitted = await detector.fit(clusters(400), { seed: 3 });
    const fresh = clusters(50, 2);
    const score = await runDetector(fitted, fresh);
    const edge = await atTheEdge(fitted, fresh);
    for (let i = 0; i < score.length; i++)
      expect(Math.abs(edge.score[i] - score[i])).toBeLessThan(1e-3 * Math.max(1, Math.abs(score[i])));
    if (!fitted.shares) return;
    const shares = await runSubgraph((graph, x) => fitted.shares!(graph, x), fresh);
    expect(shares.length).toBe(fresh.n * fresh.d);
    for (let p = 0; p < shares.length; p++) {
      expect(shares[p]).toBeGreaterThanOrEqual(0);
      expect(Math.abs(edge.shares![p] - shares[p])).toBeLessThan(1e-3 * Math.max(1, shares[p]));
    }
  });

  test('far rows score higher than ordinary ones, and the largest score is finite', async () => {
    const draw = (random: { normal(): number }) => Array.from({ length: 4 }, () => random.normal());
    const fitted = await detector.fit(rowsOf(500, draw), { seed: 1 });
    const usual = (await runDetector(fitted, rowsOf(200, draw, 2))).sort();
    const far = await runDetector(
      fitted,
      matrix([
        [30, -30, 30, -30],
        [1e6, -1e6, 1e6, 1e6],
      ]),
    );
    expect(allFinite(far)).toBe(true);
    // A detector that looks along a few directions may miss a row that is far in all of them.
    if (detector.family !== 'projection') for (const score of far) expect(score).toBeGreaterThan(usual[190]);
  });

  test('constant columns, copies and equal rows give finite scores', async () => {
    const sets = [
      rowsOf(60, (random) => [random.normal(), 5, 0]),
      rowsOf(60, (_, i) => [i % 2, i % 2, 1]),
      rowsOf(60, () => [1, 2, 3]),
    ];
    for (const train of sets) {
      const fitted = await detector.fit(train, { seed: 1 });
      const fresh = matrix([
        [0, 5, 0],
        [1, 2, 3],
        [1, 1, 1],
        [-7, 1e6, -1e6],
      ]);
      expect(allFinite(await runDetector(fitted, fresh))).toBe(true);
      if (fitted.shares) {
        const shares = await runSubgraph((graph, x) => fitted.shares!(graph, x), fresh);
        expect(allFinite(shares) && shares.every((share) => share >= 0)).toBe(true);
      }
    }
  });

  test('keeps rows of the training data exactly if it says so', async () => {
    const size = async (n: number) =>
      exportDetector(await detector.fit(clusters(n), { seed: 3 }), clusters(n).d).length;
    const grown = (await size(500)) - (await size(200));
    // In bytes of float32.
    expect(grown >= 300 * clusters(1).d * 4).toBe(detector.keepsRows === true);
  });

  test('accepts as many rows as it needs, and refuses one fewer with that number', async () => {
    const few = clusters(40, 5);
    const first = (n: number) => ({ ...few, n, values: few.values.slice(0, n * few.d) });
    let needed = 1;
    for (; needed < 40; needed++) {
      const error = await fitDetector(detector, first(needed), { seed: 1 }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (!error) break;
      expect(error).toBeInstanceOf(RangeError);
      expect((error as RangeError).message).toMatch(
        new RegExp(`^${name} needs at least \\d+ rows, there are ${needed}$`),
      );
    }
    expect(needed).toBeGreaterThan(1);
    expect(allFinite(await runDetector(await detector.fit(first(needed), { seed: 1 }), few))).toBe(true);
  });
});
