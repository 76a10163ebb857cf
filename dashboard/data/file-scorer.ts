import type { CodeIndex } from '../../bundle/codes.ts';
import { DataError } from '../../bundle/error.ts';
import { kindOf, tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { exactPValue } from '../../bundle/p-value.ts';
import { SCORER_INPUT } from '../../bundle/scorer.ts';
import type { Cell } from '../../bundle/tables/cell.ts';
import { layOutScores, rankShares, type TopShares } from '../../bundle/tables/score-table.ts';
import { csvFormat } from '../../bundle/tables/text.ts';
import { UnknownValues } from '../../bundle/unknown-values.ts';
import type { NamedFile } from '../files/text-file.ts';
import { type Runner, startEngine } from './engines.ts';
import { type FileDate, findFileDates } from './file-dates.ts';
import { type FileResult, findCutoff, type Level, type RankedRows, REASONS } from './file-result.ts';
import { type FileRows, openFileRows } from './file-rows.ts';

/** The most numbers of a file: they are kept in memory. */
const MOST_NUMBERS = 2 ** 26;

/** The most rows that are ranked and placed on the map, and the most numbers of them. */
const MOST_RANKED = 1000;
const MOST_RANKED_NUMBERS = 2 ** 22;

/** Milliseconds after which other messages have their turn. */
const TURN = 40;

/** Some rows and their scores. */
interface Part {
  readonly count: number;
  readonly rows: Float32Array;
  readonly score: Float32Array;
  readonly p_value: Float32Array;
  readonly top: TopShares;
  readonly cells: readonly (readonly Cell[])[];
}

/** The scores of dropped files. They stay in the worker, so that the table of scores can be written at any level. */
export class FileScores {
  readonly result: FileResult;
  readonly #source: FileRows;
  readonly #manifest: Manifest;
  readonly #parts: readonly Part[];

  constructor(result: FileResult, source: FileRows, manifest: Manifest, parts: readonly Part[]) {
    this.result = result;
    this.#source = source;
    this.#manifest = manifest;
    this.#parts = parts;
  }

  /** The date columns, and what moved with them. */
  dates(): FileDate[] {
    const { data } = this.#manifest;
    if (kindOf(data) !== 'table') return [];
    const raw = (j: number) => join(this.#parts.map(({ rows, count }) => columnOf(rows, count, j)));
    const carried = this.#source.carried.map(
      ({ name }, c) => [name, this.#parts.flatMap(({ cells }) => cells[c]!)] as const,
    );
    return findFileDates({ data, raw, carried: new Map(carried) });
  }

  /** The table that `offmanifold score` writes, as CSV. */
  toCsv(level: Level): Blob {
    const table = layOutScores(this.#source.carried, this.#manifest, { explain: reasonsOf(this.#manifest) });
    const format = csvFormat(table.columns);
    const cutoff = findCutoff(this.result.pValue, level);
    const lines = this.#parts.map((part) => {
      const values = table.values(part, part.count, part.cells);
      values[table.anomalous] = Array.from(values[table.pValue] as Float64Array, (p) => p <= cutoff);
      return format.formatRows(values, part.count);
    });
    return new Blob([format.head, ...lines], { type: 'text/csv' });
  }
}

/** A column of rows, row-major. */
function columnOf(rows: Float32Array, count: number, j: number): Float32Array {
  const width = rows.length / count;
  return Float32Array.from({ length: count }, (_, i) => rows[i * width + j]!);
}

const reasonsOf = ({ data }: Manifest): number => Math.min(REASONS, data.features);

/** Starts to score files with `scorer.onnx`. */
export async function createFileScorer(model: Uint8Array, codes: CodeIndex, manifest: Manifest) {
  const runner = await startEngine(model, SCORER_INPUT);
  return (files: readonly NamedFile[], signal: AbortSignal, onProgress: (done: number, of: number) => void) =>
    scoreFiles(files, { runner, codes, manifest, signal, onProgress });
}

interface Scoring {
  readonly runner: Runner;
  readonly codes: CodeIndex;
  readonly manifest: Manifest;
  readonly signal: AbortSignal;
  /** How many rows are scored, and about how many there are; 0 if nobody knows. */
  readonly onProgress: (done: number, of: number) => void;
}

/** Reads files and scores every row. Throws a {@link DataError} that names file, row and column. */
async function scoreFiles(files: readonly NamedFile[], scoring: Scoring): Promise<FileScores> {
  const { runner, manifest, signal, onProgress } = scoring;
  const { data, scorer } = manifest;
  const { features } = data;
  const reasons = reasonsOf(manifest);
  const taken = layOutScores([], manifest, { explain: reasons }).columns.map(({ name }) => name);
  const began = performance.now();
  const source = await openFileRows(files, data, taken);
  const unknown = kindOf(data) === 'table' ? new UnknownValues(tableColumns(data)) : undefined;
  const parts: Part[] = [];
  let done = 0;
  let turn = performance.now();
  await source.read(async (some, count, cells) => {
    signal.throwIfAborted();
    done += count;
    if (done * features > MOST_NUMBERS) {
      throw new DataError(
        `${source.name} has more than ${Math.floor(MOST_NUMBERS / features)} rows, too many for a browser: score it with npx offmanifold score`,
      );
    }
    const rows = some.slice();
    unknown?.add(rows, count);
    const { score, p_value, feature_share } = await runner.run(rows, count, [
      'score',
      'p_value',
      'feature_share',
    ]);
    const top = rankShares(feature_share, count, features, reasons);
    parts.push({ count, rows, score, p_value, top, cells });
    onProgress(done, source.expected ?? 0);
    if (performance.now() - turn < TURN) return;
    await new Promise((resolve) => setTimeout(resolve));
    turn = performance.now();
  });
  const score = join(parts.map((part) => part.score));
  const pValue = Float64Array.from(join(parts.map((part) => part.p_value)), (value) =>
    exactPValue(value, scorer.calibration_count),
  );
  const ranked = await rankRows(parts, score, scoring);
  const result: FileResult = {
    name: source.name,
    rows: done,
    carried: source.carried.map(({ name }) => name),
    score,
    pValue,
    ranked,
    unknown: unknown?.counts() ?? [],
    seconds: (performance.now() - began) / 1000,
  };
  return new FileScores(result, source, manifest, parts);
}

/** Ranks the rows, the most anomalous first, and places those that come first on the map. */
async function rankRows(
  parts: readonly Part[],
  score: Float32Array,
  { runner, codes, manifest }: Scoring,
): Promise<RankedRows> {
  const { features } = manifest.data;
  const reasons = reasonsOf(manifest);
  // A score that overflows is above all others.
  const height = (row: number) => (Number.isNaN(score[row]!) ? Infinity : score[row]!);
  const order = Uint32Array.from(score.keys()).sort((a, b) => height(b) - height(a) || a - b);
  const count = Math.min(order.length, MOST_RANKED, Math.max(1, Math.floor(MOST_RANKED_NUMBERS / features)));
  const row = order.slice(0, count);
  const sample = new Float32Array(count * features);
  const index = new Uint32Array(count * reasons);
  const share = new Float32Array(count * reasons);
  const cells: Cell[][] = (parts[0]?.cells ?? []).map(() => []);
  const find = createFinder(parts);
  for (const [k, at] of row.entries()) {
    const { part, i } = find(at);
    sample.set(part.rows.subarray(i * features, (i + 1) * features), k * features);
    index.set(part.top.index.subarray(i * reasons, (i + 1) * reasons), k * reasons);
    share.set(part.top.share.subarray(i * reasons, (i + 1) * reasons), k * reasons);
    for (const [c, values] of part.cells.entries()) cells[c]!.push(values[i]!);
  }
  const { code, reconstruction } = await runner.run(sample, count, ['code', 'reconstruction']);
  const places = Array.from({ length: count }, (_, k) =>
    codes.place(code.subarray(k * codes.dims, (k + 1) * codes.dims)),
  );
  return {
    row,
    sample,
    expected: reconstruction,
    top: { index, share },
    x: Float32Array.from(places, ({ x }) => x),
    y: Float32Array.from(places, ({ y }) => y),
    cells,
  };
}

/** Finds the part that a row is in, and its place there. */
function createFinder(parts: readonly Part[]): (row: number) => { part: Part; i: number } {
  const starts: number[] = [];
  let start = 0;
  for (const { count } of parts) {
    starts.push(start);
    start += count;
  }
  return (row) => {
    const at = starts.findLastIndex((first) => first <= row);
    return { part: parts[at]!, i: row - starts[at]! };
  };
}

function join(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
