import { tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { benjaminiHochberg } from '../../bundle/multiple-testing.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import {
  defaultSignificance,
  describeSignificance,
  exactPValue,
  smallestPValue,
} from '../../bundle/p-value.ts';
import type { ScorerOutput } from '../../bundle/scorer.ts';
import { UnknownValues } from '../../bundle/unknown-values.ts';
import { formatDuration } from '../console/duration.ts';
import { plural } from '../console/plural.ts';
import { Progress } from '../console/progress.ts';
import type { Cell } from '../data/datasets/cell.ts';
import { DataError } from '../data/datasets/error.ts';
import { openRows } from '../data/input/open.ts';
import type { RowFile } from '../data/input/row-file.ts';
import { type InputOptions, withInput } from '../data/input/standard-input.ts';
import { STDOUT } from '../data/output/formats.ts';
import { assertNotInput, assertWritable, openWriter } from '../data/output/open.ts';
import type { OutputColumn, RowWriter, Values } from '../data/output/row-writer.ts';
import { Scorer } from '../scorer/scorer.ts';
import { scoreAll } from './score-all.ts';
import { describeUnknown } from './unknown-values.ts';

export interface ScoreFlags extends InputOptions {
  /** Where the rows go: a file, or `-`. */
  out: string;
  /** A row is anomalous up to this p-value; by default, the model's default significance. */
  significance?: number;
  /** Instead of the significance: the false discovery rate. */
  fdr?: number;
  /** How many features to name, those with the largest shares of a score. */
  explain: number;
  /** Whether every detector has a column. */
  detectors?: boolean;
  /** Columns of the input that are carried through. */
  columns?: readonly string[];
  /** Whether to print a summary as JSON on standard output, where the rows must not go then. */
  json?: boolean;
  threads?: number;
}

export interface Scored {
  rows: number;
  anomalous: number;
  /** The largest p-value that is anomalous; null if none is. */
  threshold: number | null;
  seconds: number;
}

/**
 * Scores every row of a file, or of standard input for `-`, and writes a row for each, in order: the columns carried
 * through, `score`, `p_value`, `anomalous`, and what `flags` ask for. Throws a {@link DataError} that names file, row
 * and column.
 */
export async function score(file: string, folder: string, flags: ScoreFlags): Promise<Scored> {
  const { out } = flags;
  await assertWritable(out);
  await assertNotInput(out, file);
  const bundle = await openFolder(folder);
  const { manifest } = bundle;
  const { features } = manifest.data;
  if (flags.explain > features) {
    throw new DataError(
      `--explain is ${flags.explain}: expected a whole number from 0 to ${features}, the features of the model`,
    );
  }
  return withInput(file, flags, async (path) => {
    await using rows = await openRows(path, manifest.data, flags.columns);
    return await scoreRows(rows, file, manifest, await bundle.file('scorer.onnx'), flags);
  });
}

async function scoreRows(
  rows: RowFile,
  file: string,
  manifest: Manifest,
  model: Uint8Array,
  flags: ScoreFlags,
): Promise<Scored> {
  const { out, explain, detectors, json } = flags;
  const layout = layOut(rows, manifest, flags);
  const began = performance.now();
  const progress = new Progress();
  const outputs = [
    'score',
    'p_value',
    ...(explain > 0 ? (['feature_share'] as const) : []),
    ...(detectors ? (['detectors'] as const) : []),
  ] as const;
  await using scorer = await Scorer.loadBulk(model, outputs, flags);
  await using writer = await openWriter(out, layout.columns);
  const level = chooseLevel(flags, manifest);
  const verdictWriter = new VerdictWriter(writer, layout, level);
  const unknown = new UnknownValues(tableColumns(manifest.data));
  let done = 0;
  const count = await scoreAll(rows, scorer, async (found, size, carried, samples) => {
    unknown.add(samples, size);
    await verdictWriter.add(layout.values(found, size, carried), size);
    done += size;
    showPace(progress, done, rows.expected, began);
  });
  const verdicts = await verdictWriter.finish();
  await writer.finish();
  const scored = { rows: count, ...verdicts, seconds: (performance.now() - began) / 1000 };
  const warnings = [...explainNoAnomalies(scored, manifest, level), ...describeUnknown(unknown)];
  progress.line(summarise(scored, manifest, { out, ...level }));
  for (const line of warnings) progress.warn(line);
  if (json) console.log(JSON.stringify(toJson(file, manifest, scored, warnings, { out, ...level }), null, 2));
  return scored;
}

/** Which rows are anomalous: those up to a p-value, or the discoveries at a false discovery rate. */
interface Level {
  significance: number;
  fdr?: number;
}

export const chooseLevel = (
  { significance, fdr }: Pick<ScoreFlags, 'significance' | 'fdr'>,
  { scorer }: Pick<Manifest, 'scorer'>,
): Level => ({ significance: significance ?? defaultSignificance(scorer.calibration_count), fdr });

/**
 * Decides which rows are anomalous, and writes them. At a false discovery rate this depends on all p-values, so rows
 * wait until they are known.
 */
class VerdictWriter {
  readonly #writer: RowWriter;
  readonly #layout: Layout;
  readonly #level: Level;
  readonly #waiting: { values: Values[]; count: number }[] = [];
  #anomalous = 0;
  #threshold: number | null = null;

  constructor(writer: RowWriter, layout: Layout, level: Level) {
    this.#writer = writer;
    this.#layout = layout;
    this.#level = level;
  }

  async add(values: Values[], count: number): Promise<void> {
    if (this.#level.fdr === undefined) await this.#write(values, count, this.#level.significance);
    else this.#waiting.push({ values, count });
  }

  async finish(): Promise<Pick<Scored, 'anomalous' | 'threshold'>> {
    const { fdr } = this.#level;
    if (fdr !== undefined) {
      const all = this.#waiting.flatMap(({ values }) => Array.from(this.#pValues(values)));
      const level = benjaminiHochberg(all, fdr).threshold ?? 0;
      for (const { values, count } of this.#waiting) await this.#write(values, count, level);
    }
    return { anomalous: this.#anomalous, threshold: this.#threshold };
  }

  #pValues(values: Values[]): Float64Array {
    return values[this.#layout.pValue] as Float64Array;
  }

  async #write(values: Values[], count: number, level: number): Promise<void> {
    const p = this.#pValues(values);
    const verdicts: boolean[] = new Array(count);
    for (let i = 0; i < count; i++) {
      verdicts[i] = p[i] <= level;
      if (!verdicts[i]) continue;
      this.#anomalous++;
      if (this.#threshold === null || p[i] > this.#threshold) this.#threshold = p[i];
    }
    values[this.#layout.anomalous] = verdicts;
    await this.#writer.write(values, count);
  }
}

/** The columns of the output, and where some of them are. */
interface Layout {
  readonly columns: readonly OutputColumn[];
  readonly pValue: number;
  readonly anomalous: number;
  /** The values of some rows, a list a column; the one for verdicts is empty. */
  values(
    found: Pick<ScorerOutput, 'score' | 'p_value'> & Partial<ScorerOutput>,
    count: number,
    carried: readonly (readonly Cell[])[],
  ): Values[];
}

function layOut(rows: RowFile, manifest: Manifest, { explain: top, detectors }: ScoreFlags): Layout {
  const { data, scorer } = manifest;
  const { features } = data;
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
    throw new DataError(`the output would have two columns named ${twice.name}: leave it out of --columns`);
  }
  return {
    columns,
    pValue: carried + 1,
    anomalous: carried + 2,
    values(found, count, carried) {
      const p = Float64Array.from(found.p_value, (value) => exactPValue(value, scorer.calibration_count));
      const each = members.map((_, k) =>
        Float32Array.from({ length: count }, (_, i) => found.detectors![i * members.length + k]),
      );
      const explained = top > 0 ? findTopShares(found.feature_share!, count, features, top, names) : [];
      return [...carried, found.score, p, [], ...each, ...explained];
    },
  };
}

/**
 * Finds the `top` features of each row by their shares, the largest first. Returns a column of names and one of shares
 * for each place.
 */
export function findTopShares(
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
      // In a sample without any error, no feature explains the score.
      labels[k][i] = share > 0 ? names[best[k]] : null;
      parts[k][i] = share > 0 ? Math.min(share, 1) : 0;
    }
  }
  return labels.flatMap((label, k) => [label, parts[k]]);
}

/** Columns by their names; pixels as row:column, with the channel if there are several. All count from 0. */
function featureNames({ names, shape, features }: Manifest['data']): readonly string[] {
  if (names) return names;
  const [, width = 1, channels = 1] = shape;
  return Array.from({ length: features }, (_, j) => {
    if (shape.length === 1) return String(j);
    const pixel = Math.floor(j / channels);
    const place = `${Math.floor(pixel / width)}:${pixel % width}`;
    return channels === 1 ? place : `${place}:${j % channels}`;
  });
}

function showPace(progress: Progress, done: number, expected: number | undefined, began: number): void {
  const seconds = (performance.now() - began) / 1000;
  const pace = done / seconds;
  const parts = [
    `${grouped(done)}${expected ? ` of about ${grouped(Math.max(expected, done))}` : ''} rows`,
    `${grouped(Math.round(pace))} rows/s`,
    ...(expected ? [`${formatDuration(Math.max(0, expected - done) / pace)} left`] : []),
  ];
  progress.update(parts.join('  '), expected ? done / expected : 0);
}

/** How many rows are anomalous, and at which level. */
export function summarise(
  { rows, anomalous, threshold, seconds }: Scored,
  { scorer: { calibration_count } }: Pick<Manifest, 'scorer'>,
  { out, significance, fdr }: Level & { out: string },
): string {
  const share = `${grouped(anomalous)} anomalous (${((100 * anomalous) / rows).toPrecision(3)}%)`;
  const level =
    fdr === undefined
      ? describeSignificance(significance, calibration_count)
      : `false discovery rate ${fdr}${threshold === null ? '' : `, p ≤ ${threshold.toPrecision(3)}`}`;
  const pace = `${grouped(Math.round(rows / seconds))} rows/s`;
  return `${out === STDOUT ? '' : `${out}: `}${plural(rows, 'row')} in ${formatDuration(seconds)}, ${pace}: ${share} at ${level}`;
}

/** Explains why no row is anomalous, if the calibration samples are too few for one to be. */
export function explainNoAnomalies(
  { rows, anomalous }: Pick<Scored, 'rows' | 'anomalous'>,
  { scorer }: Pick<Manifest, 'scorer'>,
  { significance, fdr }: Level,
): string[] {
  const least = smallestPValue(scorer.calibration_count);
  const because = `with ${scorer.calibration_count} calibration samples the smallest p-value is ${least.toPrecision(3)}`;
  const advice = 'train with a larger --calibration for smaller ones';
  if (fdr === undefined) {
    return significance < least ? [`no row can be anomalous at ${significance}: ${because}; ${advice}`] : [];
  }
  // With this many rows at the smallest p-value there would be a discovery.
  const needed = Math.ceil((least * rows) / fdr);
  if (anomalous > 0 || needed <= 1) return [];
  const why =
    needed > rows
      ? `too large for a discovery among ${plural(rows, 'row')}`
      : `and at least ${grouped(needed)} of the ${grouped(rows)} rows would need that p-value`;
  return [`no discoveries: ${because}, ${why}; ${advice}`];
}

/** What `--json` prints. */
const toJson = (
  file: string,
  { model_id }: Manifest,
  scored: Scored,
  warnings: readonly string[],
  { out, significance, fdr }: Level & { out: string },
) => ({
  file,
  out,
  model_id,
  rows: scored.rows,
  anomalous: scored.anomalous,
  significance: fdr === undefined ? significance : null,
  fdr: fdr ?? null,
  /** The anomalous rows, if they are discoveries at a false discovery rate. */
  discoveries: fdr === undefined ? null : scored.anomalous,
  threshold: scored.threshold,
  seconds: scored.seconds,
  warnings,
});

const grouped = (value: number) => value.toLocaleString('en');
