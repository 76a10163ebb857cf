import { tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { benjaminiHochberg } from '../../bundle/multiple-testing.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { defaultSignificance, describeSignificance, smallestPValue } from '../../bundle/p-value.ts';
import { layOutScores, rankShares, type ScoreTable } from '../../bundle/tables/score-table.ts';
import type { Values } from '../../bundle/tables/text.ts';
import { UnknownValues } from '../../bundle/unknown-values.ts';
import { formatDuration } from '../console/duration.ts';
import { plural } from '../console/plural.ts';
import { Progress } from '../console/progress.ts';
import { DataError } from '../data/datasets/error.ts';
import { openRows } from '../data/input/open.ts';
import type { RowFile } from '../data/input/row-file.ts';
import { type InputOptions, withInput } from '../data/input/standard-input.ts';
import { STDOUT } from '../data/output/formats.ts';
import { assertNotInput, assertWritable, openWriter } from '../data/output/open.ts';
import type { RowWriter } from '../data/output/row-writer.ts';
import { loadForRows } from '../scorer/scorer-threads.ts';
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
  const layout = layOutScores(rows.carried, manifest, flags);
  const began = performance.now();
  const progress = new Progress();
  const outputs = [
    'score',
    'p_value',
    ...(explain > 0 ? (['feature_share'] as const) : []),
    ...(detectors ? (['detectors'] as const) : []),
  ] as const;
  const { threads } = flags;
  await using scorer = await loadForRows(model, outputs, { rows: rows.expected, threads });
  await using writer = await openWriter(out, layout.columns);
  const level = chooseLevel(flags, manifest);
  const verdictWriter = new VerdictWriter(writer, layout, level);
  const unknown = new UnknownValues(tableColumns(manifest.data));
  let done = 0;
  const count = await scoreAll(rows, scorer, async (found, size, carried, samples) => {
    unknown.add(samples, size);
    const top =
      explain > 0 ? rankShares(found.feature_share, size, manifest.data.features, explain) : undefined;
    await verdictWriter.add(layout.values({ ...found, ...(top && { top }) }, size, carried), size);
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
  readonly #layout: ScoreTable;
  readonly #level: Level;
  readonly #waiting: { values: Values[]; count: number }[] = [];
  #anomalous = 0;
  #threshold: number | null = null;

  constructor(writer: RowWriter, layout: ScoreTable, level: Level) {
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
