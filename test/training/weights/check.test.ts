import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { Graph } from '../../../training/onnx/graph/graph.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { computePValue } from '../../../training/scorer/p-value.ts';
import { readCalibration, replaceCalibration } from '../../../training/weights/calibration.ts';
import { assertAlike, compare, type Found } from '../../../training/weights/check.ts';
import { runModel } from '../onnx/run.ts';

const random = new Random(3);
const scores = Float32Array.from({ length: 400 }, () => 1 + Math.abs(random.normal()));
const found = (calibration: Float32Array, auroc = 0.9): Found => ({
  calibration,
  aurocs: new Map([
    ['noise', 1],
    ['patch', auroc],
  ]),
});
const before = found(scores);

test('p-values compare with the calibration scores that replace others', async () => {
  const graph = new Graph();
  const score = graph.reduceSum(graph.input('input', ['N', 1]), [1]);
  graph.output('score', score);
  graph.output('p_value', computePValue(graph, score, scores));
  const model = serialise(graph, 'p');
  expect(readCalibration(model)).toEqual(scores.toSorted());
  const others = Float32Array.from({ length: 400 }, (_, i) => 400 - i);
  const replaced = replaceCalibration(model, others);
  const { p_value } = await runModel(replaced, {
    input: { data: Float32Array.of(0, 400, 391), shape: [3, 1] },
  });
  // All are as high; one is; ten are.
  for (const [i, count] of [400, 1, 10].entries()) expect(p_value.data[i]).toBeCloseTo((1 + count) / 401, 6);
});

test('scores that grow alike change no verdict', () => {
  const difference = compare(
    before,
    found(
      scores.map((score) => 1.01 * score),
      0.8995,
    ),
  );
  expect(difference).toMatchObject({ significance: 0.01, verdicts: 0, auroc: { name: 'patch' } });
  expect(difference.score.relative).toBeCloseTo(0.01, 5);
  expect(difference.score.largest).toBeCloseTo(0.01 * Math.max(...scores), 5);
  expect(difference.auroc.change).toBeCloseTo(0.0005, 6);
  expect(() => assertAlike('int8', difference)).not.toThrow();
});

test('another verdict on a single calibration sample is refused', () => {
  // At 1%, three of 400 are flagged: the third and the fourth change places.
  const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
  const [third, fourth] = [order[2], order[3]];
  const changed = scores.with(third, scores[fourth]).with(fourth, scores[third]);
  const difference = compare(before, found(changed));
  expect(difference.verdicts).toBe(2);
  expect(() => assertAlike('int8', difference)).toThrow(
    '--weights int8 changes this model too much: 2 calibration samples would get another verdict at p ≤ 0.01; use --weights f16 or f32',
  );
});

test('another AUROC is refused, the higher one too', () => {
  for (const auroc of [0.8985, 0.9015]) {
    const difference = compare(before, found(scores, auroc));
    expect(() => assertAlike('f16', difference)).toThrow(
      '--weights f16 changes this model too much: the AUROC of patch would change by 0.0015, more than 0.001; use --weights f32',
    );
  }
});
