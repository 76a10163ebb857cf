import { describe, expect, test } from 'vitest';
import type { Scaling } from '../../bundle/manifest.ts';
import { ACTIVATIONS, LOSSES } from '../../bundle/training.ts';
import { Engine } from '../../engine/engine.ts';
import { Random } from '../../kernels/random.ts';
import { buildDecoderGraph, buildReconstructionGraph } from '../../training/autoencoder/export.ts';
import type { Configuration } from '../../training/config/schema.ts';
import { drawWeights, resolveModel } from '../training/autoencoder/models.ts';
import { KERNELS, largestDifference, runBoth } from './support.ts';

const IMAGE = { shape: [12, 12, 1] };
const random = new Random(2);

/** Configurations that together use every architecture, layer, output and loss. */
const DENSE: Configuration[] = [
  ...ACTIVATIONS.map((activation): Configuration => ({ activation })),
  ...(['layer', 'batch'] as const).map((normalisation): Configuration => ({ normalisation })),
  ...(['sigmoid', 'tanh', 'relu'] as const).map((code_activation): Configuration => ({ code_activation })),
  ...LOSSES.filter((loss) => loss !== 'mixed').map((loss): Configuration => ({ loss })),
  { tied: true },
  { variational: true },
];
const CONVOLUTIONAL: Configuration[] = [
  { channels: [4, 6], strides: [1, 2] },
  { channels: [3], strides: [2], kernel: 5, normalisation: 'batch', activation: 'elu' },
  { channels: [3], normalisation: 'layer', variational: true },
];
const POSES: { canonical?: Extract<Scaling, { kind: 'range' }>['canonical'] }[] = [
  {},
  { canonical: { shape: [12, 12, 1], pose: 'centred', smoothing: 0.7 } },
  { canonical: { shape: [12, 12, 1], pose: 'deskewed', smoothing: 0 } },
];

/** Random weights make networks steep: one rounding more changes a reconstruction by as much. */
const TOLERANCE = 1e-3;

async function compare(
  configuration: Configuration,
  shape: readonly number[],
  canonical = POSES[0].canonical,
) {
  const { model, training } = resolveModel({ code: 3, ...configuration }, { shape: [...shape] });
  const scaling: Scaling = { kind: 'range', low: 0, high: 255, ...(canonical && { canonical }) };
  const trained = { model, weights: drawWeights(model, 9), training, scaling };
  const features = shape.reduce((a, b) => a * b, 1);
  for (const n of [1, 7, 70]) {
    const samples = Float32Array.from({ length: n * features }, () =>
      random.uniform() < 0.5 ? 0 : random.below(256),
    );
    for (const { name, own, expected } of await runBoth(
      buildReconstructionGraph(trained),
      samples,
      n,
      'input',
    )) {
      expect(largestDifference(own, expected), `${name} of ${n}`).toBeLessThan(TOLERANCE);
    }
    const codes = Float32Array.from({ length: n * 3 }, () => random.normal());
    for (const { name, own, expected } of await runBoth(buildDecoderGraph(trained), codes, n, 'code')) {
      expect(largestDifference(own, expected), `${name} of ${n}`).toBeLessThan(TOLERANCE);
    }
  }
}

describe('the engine agrees with onnxruntime-node on a model with', () => {
  test.each(DENSE.map((one) => [JSON.stringify(one), one] as const))('%s', (_, one) =>
    compare({ architecture: 'dense', widths: [17], ...one }, [12]),
  );
  test.each(CONVOLUTIONAL.map((one) => [JSON.stringify(one), one] as const))('%s', (_, one) =>
    compare({ architecture: 'convolutional', ...one }, IMAGE.shape),
  );
  test.each(POSES.map((one) => [JSON.stringify(one), one.canonical] as const))('%s', (_, canonical) =>
    compare({ architecture: 'dense', widths: [17] }, IMAGE.shape, canonical),
  );
});

test('memory grows no more once every number of samples has been seen', () => {
  const { model, training } = resolveModel({ code: 3, architecture: 'dense', widths: [17] });
  const scaling: Scaling = { kind: 'range', low: 0, high: 255 };
  const graph = buildReconstructionGraph({ model, weights: drawWeights(model, 9), training, scaling });
  const engine = new Engine(graph, KERNELS.inference);
  const round = () => {
    for (let n = 1; n <= 64; n++) {
      engine.run(new Float32Array(12 * n), n, ['score']);
      engine.run(new Float32Array(12 * n), n, ['code', 'reconstruction']);
    }
    return engine.memory;
  };
  const used = round();
  expect([round(), round()]).toEqual([used, used]);
});
