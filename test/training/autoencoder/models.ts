import type { Training } from '../../../bundle/training.ts';
import { Random } from '../../../kernels/random.ts';
import { Autoencoder } from '../../../training/autoencoder/autoencoder.ts';
import type { DataShape } from '../../../training/config/presets.ts';
import { resolveConfiguration } from '../../../training/config/resolve.ts';
import type { Configuration } from '../../../training/config/schema.ts';

/** Resolves a model and its training as the program does. */
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

/** Draws random weights and running averages for a model. */
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
