import { type Difference, findDifferences } from './difference.ts';
import { tableColumns } from './kind.ts';
import type { Manifest } from './manifest.ts';
import { correlateRanks, type Ranks, rankValues } from './rank.ts';

/** Rows that are listed, those on which two models differ most. */
const LISTED = 10;

/** The scores of rows and their exact p-values. */
export interface RowScores {
  readonly score: Float32Array | Float64Array;
  readonly p: ArrayLike<number>;
}

/** How the scores of two models for the same rows differ. */
export interface ScoreComparison {
  /** The rank correlation of the scores; null if one model gives all rows the same. */
  spearman: number | null;
  /** How many rows both models, only one, and neither call anomalous. */
  verdicts: { both: number; first: number; second: number; neither: number };
  /** The share of rows with the same verdict. */
  agreement: number;
  /** The rows whose place differs most, by their number from 0: a place is the share of rows that score below. */
  mostDifferent: { row: number; place: [number, number]; p: [number, number] }[];
}

/** Compares two models' scores for the same rows; a row is anomalous if its p-value is at most `significance`. */
export function compareScores(first: RowScores, second: RowScores, significance: number): ScoreComparison {
  const rows = first.score.length;
  const verdicts = { both: 0, first: 0, second: 0, neither: 0 };
  for (let i = 0; i < rows; i++) {
    const [one, other] = [first.p[i]! <= significance, second.p[i]! <= significance];
    verdicts[one ? (other ? 'both' : 'first') : other ? 'second' : 'neither']++;
  }
  const ranks = [rankValues(first.score), rankValues(second.score)] as const;
  const correlation = correlateRanks(...ranks);
  return {
    spearman: Number.isNaN(correlation) ? null : correlation,
    verdicts,
    agreement: (verdicts.both + verdicts.neither) / rows,
    mostDifferent: findMostDifferent(...ranks).map((row) => ({
      row,
      place: [ranks[0].below[row]! / rows, ranks[1].below[row]! / rows],
      p: [first.p[row]!, second.p[row]!],
    })),
  };
}

/** The rows that have the most different numbers of rows below them, the most different first. */
function findMostDifferent({ below: a }: Ranks, { below: b }: Ranks): number[] {
  const distance = (i: number) => Math.abs(a[i]! - b[i]!);
  const found: number[] = [];
  for (let i = 0; i < a.length; i++) {
    let at = found.length;
    while (at > 0 && distance(found[at - 1]!) < distance(i)) at--;
    if (at === LISTED || distance(i) === 0) continue;
    found.splice(at, 0, i);
    found.length = Math.min(found.length, LISTED);
  }
  return found;
}

/** Where two manifests differ in how their models were made, by path. */
export const compareManifests = (first: Manifest, second: Manifest): Difference[] =>
  findDifferences(selectCauses(first), selectCauses(second));

/** What a manifest says about how the model was made, without the results. */
function selectCauses({ data, architecture, training, scorer, versions }: Manifest): Record<string, unknown> {
  const { thresholds: _thresholds, ...scored } = scorer;
  const columns = tableColumns(data);
  const scaling =
    columns.length > 0 ? Object.fromEntries(columns.map((one) => [one.name, one])) : data.scaling;
  return { data: { ...data, scaling }, architecture, training, scorer: scored, versions };
}

/** The figures of two models by name; null where one has none. */
export const compareHeadlines = (
  first: Manifest['headline'],
  second: Manifest['headline'],
): { figure: string; values: [number | null, number | null] }[] =>
  [...new Set([...Object.keys(first), ...Object.keys(second)])].map((figure) => ({
    figure,
    values: [first[figure] ?? null, second[figure] ?? null],
  }));

/** What a model takes, in words: the same for data that one model could take. */
export const describeModelInput = ({
  shape,
  names,
}: {
  readonly shape: readonly number[];
  readonly names: readonly string[] | null;
}): string => (names ? `rows with ${names.toSorted().join(', ')}` : `samples of ${shape.join(' × ')}`);

/** A value of a manifest in words: what has a name by it, a list with commas, anything else as JSON. */
export function writeValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(writeValue).join(', ');
  if (typeof value === 'object' && value !== null && 'name' in value) return String(value.name);
  return JSON.stringify(value) ?? 'none';
}
