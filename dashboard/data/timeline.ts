import { tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Column, NumberColumn } from './columns.ts';
import { keyOfData } from './data-columns.ts';
import { type Dataset, isCalibrated } from './dataset.ts';

/** The lengths that a period may have, in days. Weeks begin on Thursdays, as 1970 did. */
const LENGTHS = [
  { days: 1 / 24, name: '1 hour' },
  { days: 0.25, name: '6 hours' },
  { days: 1, name: '1 day' },
  { days: 7, name: '1 week' },
  { days: 28, name: '4 weeks' },
  { days: 91, name: '13 weeks' },
  { days: 364, name: '52 weeks' },
] as const;
/** There are at most so many periods, if the longest length allows it. */
const MOST = 60;
/** A period needs so many rows to say something about all. */
const FEWEST = 5;

/** The scores and alarms of the rows in one period. */
export interface Period {
  start: Date;
  end: Date;
  rows: number;
  median: number;
  /** 95% of the scores are at most this. */
  high: number;
  /** Rows that count for alarms, and how many of them are flagged. */
  tested: number;
  flagged: number;
  /** The share of the tested rows that is flagged, times all rows of the period, per day. */
  alarms: number;
}

/** Scores over time. */
export interface Timeline {
  /** What a period is called. */
  length: string;
  /** Periods with fewer than a handful of rows are left out. */
  periods: Period[];
}

/** A date column: days since 1970-01-01, NaN where there is none. */
export type TimedColumn = Pick<NumberColumn, 'key' | 'name' | 'values'>;

/** The rows that are followed over time. */
export interface TimedRows {
  score: ArrayLike<number>;
  pValue: ArrayLike<number>;
  /** Whether a row counts for alarms: training and calibration never saw it. */
  tested: (row: number) => boolean;
  /** How many rows each of them stands for. */
  weight: number;
}

/** The points of a map, which stand for all rows of the data. */
export function timedPoints({
  points,
  manifest,
}: {
  points: Dataset['points'];
  manifest: { data: Pick<Manifest['data'], 'splits'> };
}): TimedRows {
  const all = Object.values(manifest.data.splits).reduce((sum, count) => sum + count, 0);
  const { score, pValue, count } = points;
  return { score, pValue, tested: (row) => isCalibrated(points, row), weight: all / count };
}

/** The keys of the columns that are dates, a clock first. */
export function dateKeys(data: Pick<Manifest['data'], 'features' | 'scaling' | 'names' | 'range' | 'shape'>) {
  const dates = tableColumns(data).flatMap((column, j) =>
    column.kind === 'date' ? [{ key: keyOfData(data, j), clock: column.clock }] : [],
  );
  return dates.sort((a, b) => Number(b.clock) - Number(a.clock)).map(({ key }) => key);
}

/** The date columns among these. */
export const findDates = (keys: readonly string[], columns: readonly Column[]): NumberColumn[] =>
  keys.flatMap((key) => {
    const column = columns.find((known) => known.key === key);
    return column?.kind === 'number' ? [column] : [];
  });

/**
 * What happened when, by periods of equal length. `times` are days since 1970-01-01, NaN where there is none. Rows with at
 * most the p-value `cutoff` are flagged.
 */
export function followTime(
  { score, pValue, tested: isTested, weight }: TimedRows,
  times: Float64Array,
  cutoff: number,
): Timeline {
  const known = times.filter((time) => !Number.isNaN(time)).sort();
  const [first, last] = [known[0] ?? 0, known.at(-1) ?? 0];
  /** Dates without a time stand for whole days. */
  const step = known.every(Number.isInteger) ? 1 : 0;
  const { days, name } =
    LENGTHS.find((length) => length.days >= step && (last - first) / length.days < MOST) ??
    LENGTHS[LENGTHS.length - 1]!;
  const members = new Map<number, number[]>();
  for (const [i, time] of times.entries()) {
    if (Number.isNaN(time)) continue;
    const number = Math.floor(time / days);
    const list = members.get(number);
    if (list) list.push(i);
    else members.set(number, [i]);
  }
  const periods = [...members]
    .filter(([, list]) => list.length >= FEWEST)
    .sort(([a], [b]) => a - b)
    .map(([number, list]): Period => {
      const scores = Float64Array.from(list, (i) => score[i]!).sort();
      const tested = list.filter(isTested);
      const flagged = tested.filter((i) => pValue[i]! <= cutoff).length;
      // The first period and the last one may not be whole.
      const covered = Math.min((number + 1) * days, last + step) - Math.max(number * days, first);
      const share = tested.length === 0 ? 0 : flagged / tested.length;
      return {
        start: dateOf(number * days),
        end: dateOf((number + 1) * days),
        rows: list.length,
        median: scores[Math.floor((scores.length - 1) / 2)]!,
        high: scores[Math.ceil(0.95 * scores.length) - 1]!,
        tested: tested.length,
        flagged,
        alarms: (share * list.length * weight) / (covered > 0 ? covered : days),
      };
    });
  return { length: name, periods };
}

/** When a period starts: the day and, for periods of hours, the time. */
export const formatStart = ({ length }: Timeline, { start }: Pick<Period, 'start'>): string =>
  start.toISOString().slice(0, length.endsWith('hour') || length.endsWith('hours') ? 16 : 10);

const dateOf = (days: number) => new Date(Math.round(days * 86_400_000));
