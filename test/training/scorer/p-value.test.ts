import { expect, test } from 'vitest';
import { TIE } from '../../../bundle/p-value.ts';
import { load } from '../../../engine/index.ts';
import { Random } from '../../../kernels/random.ts';
import { Graph } from '../../../training/onnx/graph/graph.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { computePValue } from '../../../training/scorer/p-value.ts';
import { runModel } from '../onnx/run.ts';

const random = new Random(11);

/** The definition: (1 + #{calibration scores ≥ score}) / (n + 1). */
const define = (score: number, calibration: Float32Array): number => {
  const least = score * (1 - TIE.relative) - TIE.absolute;
  return (1 + calibration.filter((other) => other >= least).length) / (calibration.length + 1);
};

test.each([1, 2, 3, 8, 9, 99, 400, 1500])(
  'p-values of %i calibration scores are those of the definition',
  async (n) => {
    // Some are equal, and no two others are as near as float32 rounds.
    const calibration = Float32Array.from({ length: n }, () => Math.round(200 * random.uniform() ** 2) / 64);
    const scores = Float32Array.from([
      0,
      1e-3,
      1e6,
      ...calibration,
      ...Array.from(calibration, (x) => x + 1 / 128),
    ]);
    const graph = new Graph();
    const score = graph.reduceSum(graph.input('input', ['N', 1]), [1]);
    graph.output('p_value', computePValue(graph, score, calibration));
    const model = serialise(graph, 'p');
    const { p_value } = await runModel(model, { input: { data: scores, shape: [scores.length, 1] } });
    const engine = await load(model);
    const own = engine.run(scores, scores.length, ['p_value']).p_value;
    for (const [i, x] of scores.entries()) {
      expect(p_value!.data[i]).toBeCloseTo(define(x, calibration), 6);
      expect(own[i]).toBe(p_value!.data[i]);
    }
  },
);
