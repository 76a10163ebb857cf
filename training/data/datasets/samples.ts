import type { Samples } from '../../network/samples.ts';
import type { Dataset } from './dataset.ts';

/** Reads all samples of a data set, in its current order, as values of a type, and closes the data set. */
export async function readAllSamples(
  dataset: Dataset,
  type: typeof Uint8Array | typeof Float32Array,
): Promise<Samples> {
  await using source = dataset;
  const { count, features } = source;
  const values = new Float32Array(count * features);
  const waiting = source.read(0, count, values);
  if (waiting) await waiting;
  return { data: type === Uint8Array ? Uint8Array.from(values) : values, count };
}
