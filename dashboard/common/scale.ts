/** A logarithmic scale from `low` to `high`: values to shares 0..1 of its length, and back. */
export interface Scale {
  low: number;
  high: number;
  /** Values beyond the ends are clamped to 0 or 1. */
  toShare(value: number): number;
  fromShare(share: number): number;
}

/** Values that are not positive have no logarithm: they count as this. */
const SMALLEST = 1e-12;

/** The logarithmic scale between two positive numbers. */
export function logScaleBetween(low: number, high: number): Scale {
  const length = Math.log(high / low) || 1;
  return {
    low,
    high,
    toShare: (value) => Math.min(Math.max(Math.log(Math.max(value, SMALLEST) / low) / length, 0), 1),
    fromShare: (share) => low * Math.exp(share * length),
  };
}

/** The logarithmic scale over the values of a column. */
export function logScale(values: Float64Array): Scale {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, Math.max(value, SMALLEST));
    high = Math.max(high, value);
  }
  return logScaleBetween(low, high);
}

/** Values that are sorted to find a quantile, at most. */
const SAMPLE = 20_000;

/** The logarithmic scale of positive values from a quantile on, as the lowest of many would take most of it. */
export function logScaleFrom(values: Float64Array, quantile: number): Scale {
  const step = Math.ceil(values.length / SAMPLE) || 1;
  const sample = values.filter((_, i) => i % step === 0).sort();
  const low = sample[Math.round(quantile * (sample.length - 1))] ?? 1;
  return logScaleBetween(Math.max(low, SMALLEST), Math.max(logScale(values).high, SMALLEST));
}

/** The linear scale over the values of a column, but for those that are NaN. */
export function linearScale(values: Float64Array): Scale {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    // Comparing with NaN is false.
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const length = high - low || 1;
  return {
    low,
    high,
    toShare: (value) => Math.min(Math.max((value - low) / length, 0), 1),
    fromShare: (share) => low + share * length,
  };
}

/** How many values fall into each of `bins` equal parts of a scale. */
export function countBins(values: Float64Array, scale: Scale, bins: number): Uint32Array {
  const counts = new Uint32Array(bins);
  for (const value of values) counts[Math.min(bins - 1, Math.floor(scale.toShare(value) * bins))]!++;
  return counts;
}
