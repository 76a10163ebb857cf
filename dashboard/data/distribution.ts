import { tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { QUANTILES } from '../../bundle/quantiles.ts';
import type { Distribution, Report } from '../../bundle/report.ts';
import { formatCount, formatPercent } from '../common/format.ts';

/** How unusual a value alone is, in its column. */
export interface Place {
  /** In words: `highest 1%`. */
  text: string;
  /** Whether few rows have such a value. */
  rare: boolean;
  /** Whether at most one row in ten is as far out, or the value is rare. */
  unusual: boolean;
  /** The heights of the bars of the column's distribution, 0 to 1. */
  bars: number[];
  /** Where the value is among them, 0 to 1; undefined if it is missing or unknown. */
  at: number | undefined;
}

/** Bars for categories, at most; the others share the last one. */
const MOST_BARS = 12;

/** Fewer rows than this share make a value rare. */
const RARE = 0.01;

/** Fewer rows than this share make a value unusual. */
const UNUSUAL = 0.05;

type Distributed = Pick<Manifest['data'], 'scaling'> & { splits: Pick<Manifest['data']['splits'], 'test'> };

/**
 * Finds where a raw value is in its column: among the quantiles of the report, or the frequencies of the manifest.
 * Undefined if the bundle has neither.
 */
export function placeValue(
  { data, report }: { data: Distributed; report: Pick<Report, 'columns'> | undefined },
  j: number,
  raw: number,
): Place | undefined {
  const column = tableColumns(data)[j];
  const distribution = report?.columns?.[j];
  const bars = distribution ? scaleBars(distribution.counts) : [];
  if (Number.isNaN(raw)) {
    if (!column) return undefined;
    const share = column.missing_share;
    const text = share > 0 ? `missing in ${formatPercent(share)} of rows` : 'missing in no other row';
    return { text, rare: share < RARE, unusual: share < UNUSUAL, bars, at: undefined };
  }
  if (column?.kind === 'flag') return placeFrequency([1 - column.share, column.share], raw >= 0.5 ? 1 : 0);
  if (column?.kind === 'category') return placeFrequency(column.frequencies, raw);
  return distribution ? placeNumber(distribution, raw, data.splits.test) : undefined;
}

function placeFrequency(frequencies: readonly number[], index: number): Place {
  const shown = frequencies.slice(0, MOST_BARS);
  if (frequencies.length > MOST_BARS) {
    shown[MOST_BARS - 1] = frequencies.slice(MOST_BARS - 1).reduce((sum, share) => sum + share, 0);
  }
  const share = frequencies[index] ?? 0;
  return {
    text: share > 0 ? `${formatPercent(share)} of rows` : 'new: no training row has it',
    rare: share < RARE,
    unusual: share < UNUSUAL,
    bars: scaleBars(shown),
    at: share > 0 ? (Math.min(index, MOST_BARS - 1) + 0.5) / shown.length : undefined,
  };
}

/** The words for values between two of {@link QUANTILES}. */
const WORDS = [
  'lowest 1%',
  'lowest 5%',
  'lower quarter',
  'middle half',
  'middle half',
  'upper quarter',
  'highest 5%',
  'highest 1%',
];

function placeNumber({ quantiles, counts }: Distribution, raw: number, rows: number): Place {
  const last = QUANTILES.length - 1;
  const [least, most] = [quantiles[0]!, quantiles[last]!];
  const [low, high] = [quantiles[1]!, quantiles[last - 1]!];
  const at =
    high > low ? Math.min(1, Math.max(0, (raw - low) / (high - low))) : raw < low ? 0 : raw > low ? 1 : 0.5;
  const bars = scaleBars(counts);
  if (raw < least)
    return { text: `below all ${formatCount(rows)} test rows`, rare: true, unusual: true, bars, at };
  if (raw > most)
    return { text: `above all ${formatCount(rows)} test rows`, rare: true, unusual: true, bars, at };
  const first = quantiles.findIndex((value) => value >= raw);
  const final = quantiles.findLastIndex((value) => value <= raw);
  if (first < final) {
    const share = QUANTILES[final]! - QUANTILES[first]!;
    return { text: `as in at least ${formatPercent(share)} of rows`, rare: false, unusual: false, bars, at };
  }
  const i = Math.min(WORDS.length - 1, final);
  const tail = Math.min(i, WORDS.length - 1 - i);
  return { text: WORDS[i]!, rare: tail === 0, unusual: tail <= 1, bars, at };
}

function scaleBars(counts: readonly number[]): number[] {
  const largest = Math.max(...counts, 1e-12);
  return counts.map((count) => count / largest);
}
