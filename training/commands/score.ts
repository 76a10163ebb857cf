import { realpath } from 'node:fs/promises';
import type { Manifest } from '../../bundle/manifest.ts';
import { benjaminiHochberg } from '../../bundle/multiple-testing.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { exactPValue, smallestPValue } from '../../bundle/p-value.ts';
import type { ScorerOutput } from '../../bundle/scorer.ts';
import { duration, Progress } from '../console/progress.ts';
import type { Cell } from '../data/datasets/cell.ts';
import { DataError } from '../data/datasets/error.ts';
import { openRows } from '../data/input/open.ts';
import type { RowFile } from '../data/input/row-file.ts';
import { STDOUT } from '../data/output/formats.ts';
import { assertWritable, openWriter } from '../data/output/open.ts';
import type { OutputColumn, Values } from '../data/output/row-writer.ts';
import { BatchScorer } from '../scorer/scorer.ts';
import { OddValues } from './odd-values.ts';

export interface ScoreFlags {
  /** Where the rows go: a file, or `-`. */
  out: string;
  significance: number;
  /** Instead of the significance: the false discovery rate that verdicts are to hold. */
  fdr?: number;
  /** How many features are named that account for most of a score. */
  explain: number;
  /** Whether every detector has a column. */
  detectors?: boolean;
  /** Columns of the input that are carried through. */
  columns?: readonly string[];
  threads?: number;
}

export interface Scored {
  rows: number;
  anomalous: number;
  /** The largest p-value that is anomalous; null if none is. */
  threshold: number | null;
  seconds: number;
}

/** Rows that are read, scored and written together, one after another, while the others are under way. */
const BATCH = 8192;

/**
 * Scores every row of a file by a bundle, and writes a row for each, in order: the columns carried through, `score`,
 * `p_value`, `anomalous`, and what `flags` ask for. Throws a {@link DataError} that names file, row and column.
 */
export async function score(path: string, folder: string, flags: ScoreFlags): Promise<Scored> {
  const { out } = flags;
  await assertWritable(out);
  if (out !== STDOUT && (await samePlace(path, out))) {
    throw new DataError(`${out} is the file that is read: choose another name with --out`);
  }
  const bundle = await openFolder(folder);
  const { manifest } = bundle;
  const rows = await openRows(path, manifest.data, flags.columns);
  try {
    return await scoreRows(rows, manifest, await bundle.file('scorer.onnx'), flags);
  } finally {
    await rows.close();
  }
}

async function scoreRows(
  rows: RowFile,
  manifest: Manifest,
  model: Uint8Array,
  flags: ScoreFlags,
): Promise<Scored> {
  const { out, explain } = flags;
  const layout = layoutOf(rows, manifest, flags);
  const began = performance.now();
  const progress = new Progress();
  const scorer = await BatchScorer.load(
    model,
    [
      'score',
      'p_value',
      ...(explain > 0 ? (['feature_share'] as const) : []),
      ...(flags.detectors ? (['detectors'] as const) : []),
    ],
    flags,
  );
  const writer = await openWriter(out, layout.columns);
  try {
    // Verdicts at a false discovery rate depend on all p-values: until these are known, rows wait.
    const waiting: { values: Values[]; count: number }[] = [];
    let anomalous = 0;
    let threshold: number | null = null;
    const write = (values: Values[], count: number, level: number) => {
      const p = values[layout.pValue] as Float64Array;
      const verdicts: boolean[] = new Array(count);
      for (let i = 0; i < count; i++) {
        verdicts[i] = p[i] <= level;
        if (!verdicts[i]) continue;
        anomalous++;
        if (threshold === null || p[i] > threshold) threshold = p[i];
      }
      values[layout.anomalous] = verdicts;
      return writer.write(values, count);
    };
    let done = 0;
    const { scaling } = manifest.data;
    const odd = new OddValues(scaling.kind === 'columns' ? scaling.columns : []);
    const count = await scoreAll(rows, scorer, async (found, size, beside, samples) => {
      odd.add(samples, size);
      const values = layout.values(found, size, beside);
      if (flags.fdr === undefined) await write(values, size, flags.significance);
      else waiting.push({ values, count: size });
      done += size;
      report(progress, done, rows.expected, began);
    });
    if (flags.fdr !== undefined) {
      const all = waiting.flatMap(({ values }) => Array.from(values[layout.pValue] as Float64Array));
      const level = benjaminiHochberg(all, flags.fdr).threshold ?? 0;
      for (const { values, count } of waiting) await write(values, count, level);
    }
    await writer.finish();
    const seconds = (performance.now() - began) / 1000;
    const scored = { rows: count, anomalous, threshold, seconds };
    for (const line of [...summary(scored, manifest, flags), ...odd.lines()]) progress.line(line);
    return scored;
  } catch (error) {
    await writer.abort();
    throw error;
  } finally {
    await scorer.release();
  }
}

/**
 * Reads, scores, and hands on what is found, in order: three batches are under way at a time, one at each.
 * Returns the number of rows.
 */
export async function scoreAll<K extends keyof ScorerOutput>(
  rows: RowFile,
  scorer: BatchScorer<K>,
  onScored: (
    found: Pick<ScorerOutput, K>,
    count: number,
    beside: readonly (readonly Cell[])[],
    samples: Uint8Array | Float32Array,
  ) => void | Promise<void>,
): Promise<number> {
  let scoring: Promise<unknown> = Promise.resolve();
  let writing: Promise<void> = Promise.resolve();
  try {
    const count = await rows.read(async (samples, size, start, beside) => {
      const own = samples.slice();
      await scoring;
      const found = scorer.run(own, size);
      scoring = found;
      const before = writing;
      writing = Promise.all([found, before]).then(([output]) => {
        assertFinite(rows, output, start);
        return onScored(output, size, beside, own);
      });
      // What fails is told where it is awaited, at the next batch.
      writing.catch(() => {});
      await before;
    }, BATCH);
    await writing;
    return count;
  } finally {
    // What is under way when something else went wrong: its own error is not the one to tell.
    await Promise.allSettled([scoring, writing]);
  }
}

function assertFinite({ path }: RowFile, { score }: Partial<ScorerOutput>, start: number): void {
  const at = score?.findIndex((value) => !Number.isFinite(value)) ?? -1;
  if (at < 0) return;
  throw new DataError(
    `${path}: row ${start + at + 1} (counted from 1) is so far off that its score is too large to be held`,
  );
}

/** The columns of the output, and what they hold. */
function layoutOf(rows: RowFile, manifest: Manifest, { explain, detectors }: ScoreFlags) {
  const { data, scorer } = manifest;
  const { features } = data;
  const top = Math.min(explain, features);
  const names = featureNames(data);
  const members = detectors ? scorer.detectors.map(({ name }) => name) : [];
  const carried = rows.carried.length;
  const columns: OutputColumn[] = [
    ...rows.carried,
    { name: 'score', type: 'float' },
    { name: 'p_value', type: 'number' },
    { name: 'anomalous', type: 'boolean' },
    ...members.map((name) => ({ name, type: 'float' }) as const),
    ...Array.from({ length: top }, (_, k): OutputColumn[] => [
      { name: `feature_${k + 1}`, type: 'text' },
      { name: `share_${k + 1}`, type: 'float' },
    ]).flat(),
  ];
  const twice = columns.find(({ name }, i) => columns.findIndex((other) => other.name === name) < i);
  if (twice) {
    throw new DataError(`the output would have two columns ${twice.name}: leave it out of --columns`);
  }
  return {
    columns,
    pValue: carried + 1,
    anomalous: carried + 2,
    /** A column each, in this order; that of the verdicts is empty. */
    values(
      found: Pick<ScorerOutput, 'score' | 'p_value'> & Partial<ScorerOutput>,
      count: number,
      beside: readonly (readonly Cell[])[],
    ): Values[] {
      const p = Float64Array.from(found.p_value, (value) => exactPValue(value, scorer.calibration_count));
      const each = members.map((_, k) =>
        Float32Array.from({ length: count }, (_, i) => found.detectors![i * members.length + k]),
      );
      const explained = top > 0 ? topShares(found.feature_share!, count, features, top, names) : [];
      return [...beside, found.score, p, [], ...each, ...explained];
    },
  };
}

/** The `top` features of each row by their shares, the largest first: a column of names and one of shares each. */
export function topShares(
  shares: Float32Array,
  count: number,
  features: number,
  top: number,
  names: readonly string[],
): Values[] {
  const labels = Array.from({ length: top }, () => new Array<string | null>(count));
  const parts = Array.from({ length: top }, () => new Float32Array(count));
  const best = new Uint32Array(top);
  for (let i = 0; i < count; i++) {
    const start = i * features;
    let held = 0;
    for (let j = 0; j < features; j++) {
      const share = shares[start + j];
      if (held === top && !(share > shares[start + best[top - 1]])) continue;
      let at = held < top ? held++ : top - 1;
      for (; at > 0 && share > shares[start + best[at - 1]]; at--) best[at] = best[at - 1];
      best[at] = j;
    }
    for (let k = 0; k < top; k++) {
      const share = shares[start + best[k]];
      // Of a sample in which nothing is found, no feature accounts for anything.
      labels[k][i] = share > 0 ? names[best[k]] : null;
      parts[k][i] = share > 0 ? Math.min(share, 1) : 0;
    }
  }
  return labels.flatMap((label, k) => [label, parts[k]]);
}

/** Columns by their names; pixels as row:column, with the channel if there are several. All counted from 0. */
export function featureNames({ names, shape, features }: Manifest['data']): readonly string[] {
  if (names) return names;
  const [, width = 1, channels = 1] = shape;
  return Array.from({ length: features }, (_, j) => {
    if (shape.length === 1) return String(j);
    const pixel = Math.floor(j / channels);
    const place = `${Math.floor(pixel / width)}:${pixel % width}`;
    return channels === 1 ? place : `${place}:${j % channels}`;
  });
}

function report(progress: Progress, done: number, expected: number | undefined, began: number): void {
  const seconds = (performance.now() - began) / 1000;
  const pace = done / seconds;
  const parts = [
    `${grouped(done)}${expected ? ` of about ${grouped(Math.max(expected, done))}` : ''} rows`,
    `${grouped(Math.round(pace))} rows/s`,
    ...(expected ? [`${duration(Math.max(0, expected - done) / pace)} left`] : []),
  ];
  progress.update(parts.join('  '), expected ? done / expected : 0);
}

const FINER = 'a larger --calibration in training makes it smaller';

/** What is said of scored rows: how many are anomalous, and if none can be, why. */
export function summary(
  { rows, anomalous, threshold, seconds }: Scored,
  { scorer }: Manifest,
  { out, significance, fdr }: ScoreFlags,
): string[] {
  const share = `${grouped(anomalous)} anomalous (${((100 * anomalous) / rows).toPrecision(3)} %)`;
  const least = smallestPValue(scorer.calibration_count);
  const level =
    fdr === undefined
      ? `p ≤ ${significance}`
      : `false discovery rate ${fdr}${threshold === null ? '' : `, p ≤ ${threshold.toPrecision(3)}`}`;
  // Of so many rows at the least p-value there would be a discovery.
  const fewest = fdr === undefined ? 0 : Math.ceil((least * rows) / fdr);
  return [
    `${out === STDOUT ? '' : `${out}: `}${grouped(rows)} rows in ${duration(seconds)}, ${grouped(Math.round(rows / seconds))} rows/s: ${share} at ${level}`,
    ...(fdr === undefined && significance < least
      ? [
          `no row can be anomalous at ${significance}: of ${scorer.calibration_count} calibration scores the least p-value is ${least.toPrecision(3)}; ${FINER}`,
        ]
      : []),
    ...(anomalous === 0 && fewest > 1
      ? [
          `no discovery: of ${scorer.calibration_count} calibration scores the least p-value is ${least.toPrecision(3)}, ${fewest > rows ? `too large for any of ${grouped(rows)} rows` : `which among ${grouped(rows)} rows is a discovery if at least ${grouped(fewest)} have it`}; ${FINER}`,
        ]
      : []),
  ];
}

const grouped = (value: number) => value.toLocaleString('en');

/** Whether two paths lead to one file. */
async function samePlace(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map((path) => realpath(path).catch(() => undefined)));
  return one !== undefined && one === other;
}
