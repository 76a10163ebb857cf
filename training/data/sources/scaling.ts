import type { Scaling } from '../../../bundle/manifest.ts';
import { resolveCanonical } from '../../config/presets.ts';
import type { Configuration } from '../../config/schema.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { DataError } from '../datasets/error.ts';
import type { Data } from '../datasets/open.ts';
import { explainSpread } from '../datasets/spread.ts';
import { computeStatistics, type Statistics } from '../datasets/statistics.ts';

/** How values are scaled, and which values are accepted: null for any number. */
export interface ScalingChoice {
  readonly scaling: Scaling;
  readonly range: [number, number] | null;
}

/** The scaling of bytes, such as the pixels of MNIST. */
export const scaleBytes = (configuration: Configuration, shape: readonly number[]): ScalingChoice => ({
  scaling: { kind: 'range', low: 0, high: 255, canonical: resolveCanonical(configuration, shape) },
  range: [0, 255],
});

/**
 * Chooses the scaling of images and matrices: unless given, by the range for bytes and values from 0 to 1, else by mean
 * and deviation of the training samples. Throws a {@link DataError} if the scaling that is asked for does not fit.
 */
export async function chooseScaling(
  data: Data,
  train: Dataset,
  configuration: Configuration,
  shape: readonly number[],
): Promise<ScalingChoice> {
  const { path, dtype, min, max } = data;
  const { scaling: given = 'auto' } = configuration;
  if (given === 'robust' || given === 'quantile') {
    throw new DataError(`${path}: scaling ${given} is for tables: expected range or standard`);
  }
  const fits = configuration.range || dtype === '|u1' || (min >= 0 && max <= 1) ? 'range' : 'standard';
  const kind = given === 'auto' ? fits : given;
  const canonical = resolveCanonical(configuration, shape);
  if (kind === 'range') {
    const [low, high] = chooseRange(data, configuration);
    return { scaling: { kind, low, high, canonical }, range: [low, high] };
  }
  if (canonical) {
    throw new DataError(`${path}: pose and smoothing need brightness from dark to light: --scaling range`);
  }
  const found = await computeStatistics(train);
  assertDigits(data, found);
  assertSpreads(path, found);
  // A constant feature carries no information, and stays at 0 when centred.
  const deviation = Array.from(found.deviation, (d) => (d > 0 ? Math.fround(d) : 1));
  return { scaling: { kind, mean: Array.from(found.mean, Math.fround), deviation }, range: null };
}

/** A mean is so many deviations from 0 that a float32, of 24 binary digits, keeps fewer than 8 for what differs. */
const FAR = 2 ** 16;

/** Throws a {@link DataError} if a column's values differed by less than float32 tells apart at their size. */
function assertDigits({ path, dtype }: Data, { mean, deviation }: Statistics): void {
  if (!/[iuf][48]$/.test(dtype) || dtype.endsWith('f4')) return;
  const far = mean.findIndex((m, j) => deviation[j] > 0 && Math.abs(m) > FAR * deviation[j]);
  if (far < 0) return;
  const [m, d] = [mean[far], deviation[far]].map((x) => x.toPrecision(3));
  throw new DataError(
    `${path}: column ${far} (counted from 0) has a mean of ${m} and a deviation of ${d}: as 32-bit floats, its values lose ` +
      'most of what they differ by; subtract an offset before saving them, or save them as a table (.csv, .parquet)',
  );
}

/** Throws a {@link DataError} if a column cannot be scaled with 32-bit floats. */
function assertSpreads(path: string, { deviation }: Statistics): void {
  for (const [j, d] of deviation.entries()) {
    const why = d > 0 ? explainSpread('has a deviation', d) : undefined;
    if (why !== undefined) throw new DataError(`${path}: column ${j} (counted from 0) ${why}`);
  }
}

function chooseRange({ path, dtype, min, max }: Data, configuration: Configuration): [number, number] {
  const natural: [number, number] = dtype === '|u1' ? [0, 255] : min >= 0 && max <= 1 ? [0, 1] : [min, max];
  const [low, high] = configuration.range ?? natural;
  if (!(low < high)) throw new DataError(`${path}: the range ${low} to ${high} is empty: --range low,high`);
  const why = explainSpread('have a range', high - low);
  if (why !== undefined) throw new DataError(`${path}: the values ${why}`);
  if (min < low || max > high) {
    throw new DataError(
      `${path}: values go from ${min} to ${max}, beyond the range ${low} to ${high}: set --range`,
    );
  }
  return [low, high];
}
