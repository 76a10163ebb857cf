import type { Training } from '../../../bundle/training.ts';
import { Random } from '../../../kernels/random.ts';
import { Autoencoder } from '../../../training/autoencoder/autoencoder.ts';
import type { DataShape } from '../../../training/config/presets.ts';
import { resolveConfiguration } from '../../../training/config/resolve.ts';
import type { Configuration } from '../../../training/config/schema.ts';

/** A model and its training, resolved as the program does. */
export function resolveModel(
  configuration: Configuration,
  of: Partial<DataShape> = {},
): { model: Autoencoder; training: Training } {
  const { blueprint, training } = resolveConfiguration(configuration, {
    shape: [12],
    count: 1000,
    scaling: 'range',
    ...of,
  });
  return { model: new Autoencoder(blueprint), training };
}

/** Weights and running averages drawn at random, for a model as it is. */
export function drawWeights(model: Autoencoder, seed: number): Map<string, Float32Array> {
  const random = new Random(seed);
  const tensors = [
    ...model.parameters.map(({ name, shape }) => ({ name, size: shape.reduce((a, b) => a * b, 1) })),
    ...model.averages,
  ];
  return new Map(
    tensors.map(({ name, size }) => [
      name,
      Float32Array.from({ length: size }, () =>
        name.endsWith('variance') ? 0.5 + random.uniform() : random.normal() / 2,
      ),
    ]),
  );
}
