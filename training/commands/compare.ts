import { BundleError } from '../../bundle/error.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { DEFAULT_SIGNIFICANCE, exactPValue } from '../../bundle/p-value.ts';
import type { Bundle } from '../../bundle/reader.ts';
import { openRows } from '../data/input/open.ts';
import { MNIST } from '../data/readers/formats.ts';
import { isMnist } from '../data/readers/mnist.ts';
import type { Source } from '../data/source.ts';
import { ranks, spearman } from '../evaluate/metrics.ts';
import { BatchScorer } from '../scorer/scorer.ts';
import { scoreAll } from './score.ts';
import { table } from './table.ts';

export interface CompareFlags {
  /** Rows to score by both; of models of MNIST unless given its test images. */
  data?: string;
  json?: boolean;
  threads?: number;
}

/** Rows that are shown of those on which two models differ. */
const SHOWN = 10;

/** How two bundles of the same kind of data differ. */
export interface Comparison {
  models: [string, string];
  /** What their manifests say differently, by its path: null where one says nothing. */
  differences: { path: string; values: [unknown, unknown] }[];
  headline: { figure: string; values: [number | null, number | null] }[];
  /** Null if there were no rows to score. */
  scores: {
    data: string;
    rows: number;
    /** Of the scores; null if all of one model are the same. */
    spearman: number | null;
    /** Rows that both, only the first, only the second, and neither calls anomalous at 1 %. */
    verdicts: { both: number; first: number; second: number; neither: number };
    /** Share of the rows on which they say the same. */
    agreement: number;
    /** Rows, counted from 1, whose place among all scores differs most: as the share of rows that score below. */
    most_different: { row: number; place: [number, number]; p_value: [number, number] }[];
  } | null;
}

/**
 * Compares two bundles, prints how they differ, and of rows how their scores do. Throws a {@link BundleError} if
 * they are not models of the same kind of data, and a DataError for rows that they do not take.
 */
export async function compare(
  first: string,
  second: string,
  { data, json, threads }: CompareFlags,
): Promise<Comparison> {
  const bundles = [await openFolder(first), await openFolder(second)] as const;
  const [a, b] = bundles.map(({ manifest }) => manifest);
  const why = unlike(a.data, b.data);
  if (why) throw new BundleError(`${first} and ${second} cannot be compared: ${why}`);
  const bothMnist = [a, b].every((manifest) => isMnist(manifest.data));
  const rows = data ?? (bothMnist ? MNIST : undefined);
  const figures = [...new Set([...Object.keys(a.headline), ...Object.keys(b.headline)])];
  const result: Comparison = {
    models: [first, second],
    differences: differences(described(a), described(b)),
    headline: figures.map((figure) => ({
      figure,
      values: [a.headline[figure] ?? null, b.headline[figure] ?? null],
    })),
    scores: rows === undefined ? null : await compareScores(bundles, rows, threads),
  };
  if (json) console.log(JSON.stringify(result, null, 2));
  else for (const line of lines(result)) console.log(line);
  return result;
}

/** What samples of some data are, in words: the same for data that one model could take. */
export const samplesOf = ({ shape, names }: Readonly<Pick<Source, 'shape' | 'names'>>): string =>
  names ? `rows of ${names.toSorted().join(', ')}` : `samples of ${shape.join(' × ')}`;

/** Why two models do not take the same rows, if they do not. */
function unlike(a: Manifest['data'], b: Manifest['data']): string | undefined {
  const [one, other] = [a, b].map(samplesOf);
  return one === other ? undefined : `the first takes ${one}, the second ${other}`;
}

/** What a manifest says of how the model came to be, without what follows from that. */
function described({ data, architecture, training, scorer, versions }: Manifest): Record<string, unknown> {
  const { thresholds: _thresholds, ...scored } = scorer;
  const { scaling, ...rest } = data;
  const columns =
    scaling.kind === 'columns' ? Object.fromEntries(scaling.columns.map((one) => [one.name, one])) : scaling;
  return { data: { ...rest, scaling: columns }, architecture, training, scorer: scored, versions };
}

/** Paths of values that differ. Lists of objects are told apart by their places, other lists are values. */
export function differences(a: unknown, b: unknown, path = ''): Comparison['differences'] {
  if (isGroup(a) && isGroup(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) => differences(a[key], b[key], path === '' ? key : `${path}.${key}`));
  }
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ path, values: [a ?? null, b ?? null] }];
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  (!Array.isArray(value) || (value.length > 0 && typeof value[0] === 'object'));

async function compareScores(
  bundles: readonly [Bundle, Bundle],
  data: string,
  threads: number | undefined,
): Promise<Comparison['scores']> {
  const [a, b] = [await scoresOf(bundles[0], data, threads), await scoresOf(bundles[1], data, threads)];
  const rows = a.score.length;
  const verdicts = { both: 0, first: 0, second: 0, neither: 0 };
  for (let i = 0; i < rows; i++) {
    const [one, other] = [a.p[i] <= DEFAULT_SIGNIFICANCE, b.p[i] <= DEFAULT_SIGNIFICANCE];
    verdicts[one ? (other ? 'both' : 'first') : other ? 'second' : 'neither']++;
  }
  const places = [a, b].map(({ score }) => ranks(score).map((rank) => (rank - 0.5) / rows));
  const apart = (i: number) => Math.abs(places[0][i] - places[1][i]);
  const most = Array.from(new Uint32Array(rows).keys())
    .filter((i) => apart(i) > 0)
    .sort((i, j) => apart(j) - apart(i) || i - j);
  const correlation = spearman(a.score, b.score);
  return {
    data,
    rows,
    spearman: Number.isNaN(correlation) ? null : correlation,
    verdicts,
    agreement: (verdicts.both + verdicts.neither) / rows,
    most_different: most.slice(0, SHOWN).map((i) => ({
      row: i + 1,
      place: [places[0][i], places[1][i]],
      p_value: [a.p[i], b.p[i]],
    })),
  };
}

/** Scores and exact p-values of all rows. */
async function scoresOf(bundle: Bundle, data: string, threads: number | undefined) {
  const { manifest } = bundle;
  const rows = await openRows(data, manifest.data, []);
  try {
    const scorer = await BatchScorer.load(await bundle.file('scorer.onnx'), ['score', 'p_value'], {
      threads,
    });
    const score: number[] = [];
    const p: number[] = [];
    await scoreAll(rows, scorer, (found, count) => {
      for (let i = 0; i < count; i++) {
        score.push(found.score[i]);
        p.push(exactPValue(found.p_value[i], manifest.scorer.calibration_count));
      }
    });
    await scorer.release();
    return { score: Float32Array.from(score), p };
  } finally {
    await rows.close();
  }
}

function lines({ models, differences, headline, scores }: Comparison): string[] {
  const figure = (value: number | null) => (value === null ? '–' : value.toPrecision(4));
  return [
    ...(differences.length === 0
      ? ['the manifests say the same of data, architecture, training and scorer', '']
      : table(
          ['manifest', ...models],
          differences.map(({ path, values }) => [path, ...values.map(short)]),
        )),
    ...table(
      ['figure', ...models],
      headline.map(({ figure: name, values }) => [name, ...values.map(figure)]),
    ),
    ...(scores ? scoreLines(models, scores) : ['no rows were scored: --data FILE names some']),
  ];
}

function scoreLines(models: Comparison['models'], scores: NonNullable<Comparison['scores']>): string[] {
  const { data, rows, verdicts, agreement, most_different } = scores;
  return [
    `${data}: ${rows} rows`,
    `rank correlation of the scores (Spearman): ${scores.spearman === null ? 'none, as all of one model are the same' : scores.spearman.toFixed(4)}`,
    `verdicts at ${DEFAULT_SIGNIFICANCE}: the same for ${(100 * agreement).toFixed(2)} %: ${verdicts.both} anomalous to both, ` +
      `${verdicts.first} to the first only, ${verdicts.second} to the second only, ${verdicts.neither} to neither`,
    '',
    ...(most_different.length === 0
      ? ['both put all rows in the same order']
      : [
          'rows whose place among all scores differs most (share of rows that score below; p-value):',
          ...table(
            ['row', ...models],
            most_different.map(({ row, place, p_value }) => [
              String(row),
              ...place.map(
                (share, k) => `${(100 * share).toFixed(1)} %; ${Number(p_value[k].toPrecision(3))}`,
              ),
            ]),
          ).slice(0, -1),
        ]),
  ];
}

const short = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
};
