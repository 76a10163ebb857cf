import type { Tensor } from 'onnxruntime-node';
import { KernelMemory } from '../../kernels/kernels.ts';
import { Noise } from '../../kernels/noise.ts';
import type { Trained } from '../autoencoder/export.ts';
import { buildValidationLoss } from '../autoencoder/objective.ts';
import { rawWidthOf } from '../autoencoder/scaling.ts';
import type { Samples } from '../network/samples.ts';
import { serialise } from '../onnx/serialise.ts';
import { readerOf } from '../runtime/rows.ts';
import { forEachChunk } from '../runtime/run-rows.ts';
import { createSession, type SessionOptions, tensor } from '../runtime/session.ts';

const NOISE_SEED = 20161;
const CHUNK = 1000;

/**
 * The evidence lower bound of a variational model, E log p(x | z) − KL(q(z | x) ‖ p(z)), in nats per sample: the mean
 * over the samples, with one draw of the code for each (Kingma & Welling 2014, equation 8).
 */
export async function evidenceLowerBound(
  { model, weights, training, scaling }: Trained,
  { data, count }: Samples,
  options: SessionOptions,
): Promise<number> {
  const clean = { ...training, corruption: 'none' as const };
  const { graph, noise: specs } = buildValidationLoss(model, clean, scaling);
  await using session = await createSession(serialise(graph, 'elbo'), options);
  const feeds: Record<string, Tensor> = { beta: tensor(Float32Array.of(1), []) };
  for (const { name, shape } of model.parameters) feeds[name] = tensor(weights.get(name)!, shape);
  for (const { name, size } of model.averages) feeds[name] = tensor(weights.get(name)!, [size]);
  const features = rawWidthOf(model.features, scaling);
  const columns = specs.reduce((sum, spec) => sum + spec.columns, 0);
  const memory = new KernelMemory(4 * CHUNK * columns + 65_536);
  const noise = new Noise(memory, NOISE_SEED);
  const draws = specs.map((spec) => memory.f32(CHUNK * spec.columns));
  const drawFeeds = (start: number, size: number) => {
    noise.seek(1, start);
    for (const [i, { name, kind, columns: width }] of specs.entries()) {
      const values = draws[i].subarray(0, size * width);
      noise.fill(kind, values);
      feeds[name] = tensor(values, [size, width]);
    }
    return feeds;
  };
  let sum = 0;
  await forEachChunk(
    session,
    readerOf(data, features),
    ['loss'],
    { chunk: CHUNK, feeds: drawFeeds },
    ({ loss }, _start, size) => {
      sum += size * Number(loss.data[0]);
    },
  );
  return -sum / count;
}
