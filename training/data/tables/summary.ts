import { canonicalText, categoryKey } from '../../../bundle/category-text.ts';
import { UNFIT } from '../../../bundle/column-reading.ts';
import { parseNumber } from '../../../bundle/number-text.ts';
import type { RecordValue } from '../../../bundle/record.ts';
import { makeCellReader, type ReadCell } from '../../../bundle/tables/cell-reader.ts';
import type { Cells, Table } from '../../../bundle/tables/table.ts';
import { type Guess, isNumber } from './guess.ts';
import type { Label } from './label.ts';
import type { Counted } from './label-values.ts';
import { type LeakFinder, makeLeakFinder } from './leaks.ts';
import { makeReading } from './reading.ts';

/** Values that do not fit a kind. */
export interface Strays {
  count: number;
  /** The first one, and its row, counted from 0. */
  readonly row: number;
  readonly value: RecordValue;
}

/** What all rows say about a column. */
export interface Summary {
  /** Number of values that are not missing. */
  readonly values: number;
  /** Whether all values are the same, as far as they are kept. */
  readonly constant: boolean;
  /** Whether values that are kept as the same have other digits in the file. */
  readonly rounded: boolean;
  /** What does not fit the guessed kind. */
  readonly strays: Strays | undefined;
  /** Of them, those that are no numbers, not even ones that are too large. */
  readonly words: number;
  /** The least and the largest raw value. */
  readonly least: number;
  readonly largest: number;
  /** For possible ids alone, of the rows that are compared, those with a value of an earlier row; undefined if numbers have decimals. */
  readonly repeats: number | undefined;
  /** Whether the label can be read from it. */
  readonly leaks: boolean;
  /** Of two values, the one that only anomalous rows have. */
  readonly mark: string | undefined;
  /** Its values, if there are two. */
  readonly pair: readonly [Counted, Counted] | undefined;
}

/** Different values that are compared with those of later rows, and most repeats that are counted. */
const COMPARED = 100_000;
const MOST_REPEATS = COMPARED / 10;

/** What else is to be known of the columns. */
export interface SummaryOptions {
  readonly na: readonly string[] | undefined;
  /** Of which columns it is to be known whether values differ. */
  readonly mayBeId: (name: string) => boolean;
  readonly label: Label | undefined;
}

/** Reads all rows and summarises each column. */
export async function summariseColumns(
  table: Table,
  guesses: readonly Guess[],
  { na, mayBeId, label }: SummaryOptions,
): Promise<{ count: number; summaries: Summary[] }> {
  const found = guesses.map(
    (guess) => new ColumnSummary(guess, na, mayBeId(guess.column.name), label !== undefined),
  );
  const columns = guesses.map(({ column }) => column);
  let rows = 0;
  for await (const { count, cells } of table.read(label ? [...columns, label.column] : columns)) {
    const marks = label && cells[columns.length];
    const anomalous =
      marks && Uint8Array.from({ length: count }, (_, i) => Number(label.isAnomalous(marks.value(i))));
    for (const [j, summary] of found.entries()) summary.add(cells[j], count, rows, anomalous);
    rows += count;
  }
  return { count: rows, summaries: found };
}

class ColumnSummary implements Summary {
  values = 0;
  constant = true;
  rounded = false;
  strays: Strays | undefined;
  words = 0;
  least = Number.POSITIVE_INFINITY;
  largest = Number.NEGATIVE_INFINITY;
  readonly #guess: Guess;
  readonly #read: ReadCell;
  #first: RecordValue | undefined;
  #digits: string | number | undefined;
  #seen: Set<RecordValue> | undefined;
  #repeats = 0;
  readonly #leak: LeakFinder | undefined;
  /** How many rows have each value, until there is a third one. */
  #counts: Map<RecordValue, { value: string; rows: number }> | undefined = new Map();

  constructor(guess: Guess, na: readonly string[] | undefined, mayBeId: boolean, labelled: boolean) {
    this.#guess = guess;
    this.#read = makeCellReader(guess.column, makeReading(guess.kind, guess, na));
    this.#seen = mayBeId ? new Set() : undefined;
    this.#leak = labelled ? makeLeakFinder(guess.kind) : undefined;
  }

  get pair(): readonly [Counted, Counted] | undefined {
    if (this.#counts?.size !== 2 || this.strays) return undefined;
    const [a, b] = this.#counts.values();
    return [a, b];
  }

  get leaks(): boolean {
    return this.#leak?.found === true;
  }

  get mark(): string | undefined {
    return this.#leak?.mark;
  }

  get repeats(): number | undefined {
    return this.#seen && this.#repeats;
  }

  add(cells: Cells, count: number, start: number, anomalous: Uint8Array | undefined): void {
    const asText = this.#guess.kind === 'category';
    for (let i = 0; i < count; i++) {
      const raw = this.#read(cells, i);
      if (anomalous) this.#leak?.add(raw, cells, i, anomalous[i] === 1);
      if (Number.isNaN(raw)) continue;
      this.values++;
      if (raw === UNFIT) this.#addStray(cells.value(i), start + i);
      else {
        if (this.constant || this.#counts) {
          const value = asText ? categoryKey(String(cells.exact(i))) : raw;
          if (this.constant) this.#addSame(value, cells, i);
          if (this.#counts) this.#count(value, cells, i);
        }
        if (raw < this.least) this.least = raw;
        if (raw > this.largest) this.largest = raw;
      }
      if (this.#seen !== undefined && this.#seen.size < COMPARED) this.#compare(cells.exact(i), raw);
    }
  }

  #count(key: RecordValue, cells: Cells, i: number): void {
    const counted = this.#counts!.get(key);
    if (counted) counted.rows++;
    else if (this.#counts!.size === 2) this.#counts = undefined;
    else this.#counts!.set(key, { value: canonicalText(String(cells.value(i)).trim()), rows: 1 });
  }

  /** Adds a value while all before are the same. */
  #addSame(value: RecordValue, cells: Cells, i: number): void {
    const digits = this.#guess.kind === 'number' ? readDigits(cells.exact(i)) : undefined;
    if (this.#first === undefined) {
      this.#first = value;
      this.#digits = digits;
    } else if (value !== this.#first) this.constant = false;
    else if (digits !== undefined && this.#digits !== undefined && digits !== this.#digits)
      this.rounded = true;
  }

  #addStray(value: RecordValue, row: number): void {
    this.strays ??= { row, value, count: 0 };
    this.strays.count++;
    if (!isNumber(value)) this.words++;
    this.constant = false;
  }

  #compare(value: RecordValue, raw: number): void {
    if (this.#seen!.has(value)) this.#repeats++;
    else this.#seen!.add(value);
    if (this.#repeats > MOST_REPEATS || !this.#isWhole(value, raw)) this.#seen = undefined;
  }

  /** Whether a value may be that of an id: a whole number, or a text. */
  #isWhole(value: RecordValue, raw: number): boolean {
    const { kind, notation } = this.#guess;
    if (kind !== 'number' || raw === UNFIT) return true;
    return Number.isInteger(typeof value === 'string' ? parseNumber(value, notation) : value);
  }
}

/** A plain number with all its digits, however it is written; undefined for other values. */
function readDigits(value: RecordValue): string | number | undefined {
  const text = String(value).trim();
  return /^[+-]?\d+$/.test(text) ? String(BigInt(text.replace('+', ''))) : parseNumber(text);
}
