import { kindOf, tableColumns } from '../../bundle/kind.ts';
import { QUANTILES } from '../../bundle/quantiles.ts';
import type { Distribution, Report } from '../../bundle/report.ts';
import { quantile } from '../data/datasets/statistics.ts';
import type { Source } from '../data/source.ts';
import type { Samples } from '../network/samples.ts';

const BINS = 24;

/** Columns whose distributions a report has, at most. */
const MOST_COLUMNS = 300;

/** The distribution of each column over samples of raw values; null for images and for very many columns. */
export function describeColumns(
  data: Pick<Source, 'shape' | 'scaling' | 'features'>,
  samples: Samples,
): Report['columns'] {
  const { features } = data;
  if (kindOf(data) === 'image' || features > MOST_COLUMNS) return null;
  const columns = tableColumns(data);
  return Array.from({ length: features }, (_, j) => {
    const kind = columns[j]?.kind;
    if (kind === 'flag' || kind === 'category') return null;
    const values = Float64Array.from({ length: samples.count }, (_, i) => samples.data[i * features + j]);
    return describeDistribution(values.filter((value) => !Number.isNaN(value)).sort());
  });
}

/** The distribution of sorted values; null if there are none. */
export function describeDistribution(sorted: Float64Array): Distribution | null {
  if (sorted.length === 0) return null;
  const quantiles = QUANTILES.map((share) => Number(quantile(sorted, share).toPrecision(7)));
  const [low, high] = [quantiles[1], quantiles[QUANTILES.length - 2]];
  const counts = new Array<number>(BINS).fill(0);
  for (const value of sorted) {
    const bin = high > low ? Math.floor((BINS * (value - low)) / (high - low)) : 0;
    counts[Math.min(BINS - 1, Math.max(0, bin))]++;
  }
  return { quantiles, counts };
}
