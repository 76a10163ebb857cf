import {
  compareHeadlines,
  compareManifests,
  compareScores,
  describeModelInput,
  type RowScores,
  writeValue,
} from '../../bundle/comparison.ts';
import { BundleError } from '../../bundle/error.ts';
import type { Bundle } from '../../bundle/files.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { defaultSignificance, exactPValue } from '../../bundle/p-value.ts';
import { plural } from '../console/plural.ts';
import { formatTable, truncate } from '../console/table.ts';
import { openRows } from '../data/input/open.ts';
import { MNIST } from '../data/readers/formats.ts';
import { isMnist } from '../data/readers/mnist.ts';
import { loadForRows } from '../scorer/scorer-threads.ts';
import { scoreAll } from './score-all.ts';

export interface CompareFlags {
  /** Rows to score with both models; by default, for models of MNIST, its test images. */
  data?: string;
  json?: boolean;
  threads?: number;
}

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
  const [takes, other] = [a.data, b.data].map(describeModelInput);
  if (takes !== other) {
    throw new BundleError(
      `${first} and ${second} cannot be compared: the first takes ${takes}, the second ${other}`,
    );
  }
  const bothMnist = [a, b].every((manifest) => isMnist(manifest.data));
  const rows = data ?? (bothMnist ? MNIST : undefined);
  const result: Comparison = {
    models: [first, second],
    differences: compareManifests(a, b).map(({ path, before, after }) => ({
      path,
      values: [before ?? null, after ?? null],
    })),
    headline: compareHeadlines(a.headline, b.headline),
    scores: rows === undefined ? null : await compareRows(bundles, rows, threads),
  };
  if (json) console.log(JSON.stringify(result, null, 2));
  else for (const line of describeComparison(result)) console.log(line);
  return result;
}

async function compareRows(
  bundles: readonly [Bundle, Bundle],
  data: string,
  threads: number | undefined,
): Promise<Comparison['scores']> {
  const [a, b] = [await scoreRows(bundles[0], data, threads), await scoreRows(bundles[1], data, threads)];
  const significance = Math.max(
    ...bundles.map(({ manifest }) => defaultSignificance(manifest.scorer.calibration_count)),
  );
  const { spearman, verdicts, agreement, mostDifferent } = compareScores(a, b, significance);
  return {
    data,
    rows: a.score.length,
    spearman,
    significance,
    verdicts,
    agreement,
    most_different: mostDifferent.map(({ row, place, p }) => ({ row: row + 1, place, p_value: p })),
  };
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
