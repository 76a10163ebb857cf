import { BundleError } from '../../bundle/error.ts';
import type { Bundle } from '../../bundle/files.ts';
import { tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { defaultSignificance, exactPValue } from '../../bundle/p-value.ts';
import { findDifferences } from '../console/difference.ts';
import { plural } from '../console/plural.ts';
import { formatTable, truncate } from '../console/table.ts';
import { openRows } from '../data/input/open.ts';
import { MNIST } from '../data/readers/formats.ts';
import { isMnist } from '../data/readers/mnist.ts';
import type { Source } from '../data/source.ts';
import { rankValues, spearman } from '../linear/rank.ts';
import { loadForRows } from '../scorer/scorer-threads.ts';
import { scoreAll } from './score-all.ts';

export interface CompareFlags {
  /** Rows to score with both models; by default, for models of MNIST, its test images. */
  data?: string;
  json?: boolean;
  threads?: number;
}

/** Rows that are listed, those on which two models differ most. */
const SHOWN = 10;

/** How two bundles for the same kind of data differ. */
export interface Comparison {
  models: [string, string];
  /** Where their manifests differ, by path; null where one says nothing. */
  differences: { path: string; values: [unknown, unknown] }[];
  headline: { figure: string; values: [number | null, number | null] }[];
  /** Null if there were no rows to score. */
  scores: {
    data: string;
    rows: number;
    /** The rank correlation of the scores; null if one model gives all rows the same. */
    spearman: number | null;
    /** The higher of the two models' default significance levels. */
    significance: number;
    /** How many rows both models, only one, and neither call anomalous at this level. */
    verdicts: { both: number; first: number; second: number; neither: number };
    /** The share of rows with the same verdict. */
    agreement: number;
    /** The rows, counted from 1, whose place differs most: a place is the share of rows that score below. */
    most_different: { row: number; place: [number, number]; p_value: [number, number] }[];
  } | null;
}

/**
 * Prints how two bundles differ, and how their scores for the same rows do. Throws a {@link BundleError} if the
 * models take different data, and a DataError for rows that they do not take.
 */
export async function compare(
  first: string,
  second: string,
  { data, json, threads }: CompareFlags,
): Promise<Comparison> {
  const bundles = [await openFolder(first), await openFolder(second)] as const;
  const [a, b] = bundles.map(({ manifest }) => manifest);
  const [takes, other] = [a.data, b.data].map(describeSamples);
  if (takes !== other) {
    throw new BundleError(
      `${first} and ${second} cannot be compared: the first takes ${takes}, the second ${other}`,
    );
  }
  const bothMnist = [a, b].every((manifest) => isMnist(manifest.data));
  const rows = data ?? (bothMnist ? MNIST : undefined);
  const figures = [...new Set([...Object.keys(a.headline), ...Object.keys(b.headline)])];
  const result: Comparison = {
    models: [first, second],
    differences: findDifferences(selectCauses(a), selectCauses(b)).map(({ path, before, after }) => ({
      path,
      values: [before ?? null, after ?? null],
    })),
    headline: figures.map((figure) => ({
      figure,
      values: [a.headline[figure] ?? null, b.headline[figure] ?? null],
    })),
    scores: rows === undefined ? null : await compareScores(bundles, rows, threads),
  };
  if (json) console.log(JSON.stringify(result, null, 2));
  else for (const line of describeComparison(result)) console.log(line);
  return result;
}

/** Samples in words: the same for data that one model could take. */
export const describeSamples = ({ shape, names }: Readonly<Pick<Source, 'shape' | 'names'>>): string =>
  names ? `rows with ${names.toSorted().join(', ')}` : `samples of ${shape.join(' × ')}`;

/** What a manifest says about how the model was made, without the results. */
function selectCauses({ data, architecture, training, scorer, versions }: Manifest): Record<string, unknown> {
  const { thresholds: _thresholds, ...scored } = scorer;
  const columns = tableColumns(data);
  const scaling =
    columns.length > 0 ? Object.fromEntries(columns.map((one) => [one.name, one])) : data.scaling;
  return { data: { ...data, scaling }, architecture, training, scorer: scored, versions };
}

async function compareScores(
  bundles: readonly [Bundle, Bundle],
  data: string,
  threads: number | undefined,
): Promise<Comparison['scores']> {
  const [a, b] = [await scoreRows(bundles[0], data, threads), await scoreRows(bundles[1], data, threads)];
  const rows = a.score.length;
  const significance = Math.max(
    ...bundles.map(({ manifest }) => defaultSignificance(manifest.scorer.calibration_count)),
  );
  const verdicts = { both: 0, first: 0, second: 0, neither: 0 };
  for (let i = 0; i < rows; i++) {
    const [one, other] = [a.p[i] <= significance, b.p[i] <= significance];
    verdicts[one ? (other ? 'both' : 'first') : other ? 'second' : 'neither']++;
  }
  const correlation = spearman(a.score, b.score);
  return {
    data,
    rows,
    spearman: Number.isNaN(correlation) ? null : correlation,
    significance,
    verdicts,
    agreement: (verdicts.both + verdicts.neither) / rows,
    most_different: findMostDifferent(a, b),
  };
}

/** Scores and exact p-values for all rows. */
interface RowScores {
  score: Float32Array;
  p: number[];
}

function findMostDifferent(a: RowScores, b: RowScores): NonNullable<Comparison['scores']>['most_different'] {
  const rows = a.p.length;
  const places = [a, b].map(({ score }) => rankValues(score).map((rank) => (rank - 0.5) / rows));
  const distance = (i: number) => Math.abs(places[0][i] - places[1][i]);
  return Array.from(new Uint32Array(rows).keys())
    .filter((i) => distance(i) > 0)
    .sort((i, j) => distance(j) - distance(i) || i - j)
    .slice(0, SHOWN)
    .map((i) => ({ row: i + 1, place: [places[0][i], places[1][i]], p_value: [a.p[i], b.p[i]] }));
}

async function scoreRows(bundle: Bundle, data: string, threads: number | undefined): Promise<RowScores> {
  const { manifest } = bundle;
  const rows = await openRows(data, manifest.data, []);
  try {
    const model = await bundle.file('scorer.onnx');
    await using scorer = await loadForRows(model, ['score', 'p_value'], { rows: rows.expected, threads });
    const score: number[] = [];
    const p: number[] = [];
    await scoreAll(rows, scorer, (found, count) => {
      for (let i = 0; i < count; i++) {
        score.push(found.score[i]);
        p.push(exactPValue(found.p_value[i], manifest.scorer.calibration_count));
      }
    });
    return { score: Float32Array.from(score), p };
  } finally {
    await rows.close();
  }
}

function describeComparison({ models, differences, headline, scores }: Comparison): string[] {
  const figure = (value: number | null) => (value === null ? '–' : value.toPrecision(4));
  return [
    ...(differences.length === 0
      ? ['the manifests agree on data, architecture, training and scorer']
      : formatTable(
          ['manifest', ...models],
          differences.map(({ path, values }) => [path, ...values.map(formatValue)]),
        )),
    '',
    ...formatTable(
      ['figure', ...models],
      headline.map(({ figure: name, values }) => [name, ...values.map(figure)]),
    ),
    '',
    ...(scores ? describeScores(models, scores) : ['no rows were scored; give some with --data FILE']),
  ];
}

function describeScores(models: Comparison['models'], scores: NonNullable<Comparison['scores']>): string[] {
  const { data, rows, significance, verdicts, agreement, most_different } = scores;
  const correlation =
    scores.spearman === null ? 'none, one model gives all rows the same score' : scores.spearman.toFixed(4);
  return [
    `${data}: ${plural(rows, 'row')}`,
    `rank correlation of the scores (Spearman): ${correlation}`,
    `verdicts at ${significance}: the same for ${(100 * agreement).toFixed(2)}%: ${verdicts.both} anomalous to both, ` +
      `${verdicts.first} to the first only, ${verdicts.second} to the second only, ${verdicts.neither} to neither`,
    '',
    ...(most_different.length === 0
      ? ['both models put all rows in the same order']
      : [
          'the rows whose place differs most (the share of rows that score below; p-value):',
          ...formatTable(
            ['row', ...models],
            most_different.map(({ row, place, p_value }) => [
              String(row),
              ...place.map(
                (share, k) => `${(100 * share).toFixed(1)}%; ${Number(p_value[k].toPrecision(3))}`,
              ),
            ]),
          ),
        ]),
  ];
}

const formatValue = (value: unknown): string => truncate(writeValue(value), 40);

/** A value of a manifest in words: what has a name by it, a list with commas, anything else as JSON. */
function writeValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(writeValue).join(', ');
  if (typeof value === 'object' && value !== null && 'name' in value) return String(value.name);
  return JSON.stringify(value) ?? 'none';
}
