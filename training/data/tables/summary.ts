import { UNFIT } from '../../../bundle/column-reading.ts';
import type { RecordValue } from '../../../bundle/record.ts';
import { makeCellReader, type ReadCell } from '../../../bundle/tables/cell-reader.ts';
import type { Cells, Table } from '../../../bundle/tables/table.ts';
import { type Guess, isNumber } from './guess.ts';
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
  readonly constant: boolean;
  /** What does not fit the guessed kind. */
  readonly strays: Strays | undefined;
  /** Of them, those that are no numbers, not even ones that are too large. */
  readonly words: number;
  /** The least and the largest raw value. */
  readonly least: number;
  readonly largest: number;
  /** Whether every row has another value, and numbers are whole, as far as rows are compared: for possible ids alone. */
  readonly distinct: boolean;
}

/** Rows that are compared for whether each has another value. */
const COMPARED = 100_000;

/** Reads all rows and summarises each column. `mayBeId` says of which it is to be known whether all values differ. */
export async function summariseColumns(
  table: Table,
  guesses: readonly Guess[],
  na: readonly string[] | undefined,
  mayBeId: (name: string) => boolean,
): Promise<{ count: number; summaries: Summary[] }> {
  const found = guesses.map((guess) => new ColumnSummary(guess, na, mayBeId(guess.column.name)));
  let rows = 0;
  for await (const { count, cells } of table.read(guesses.map(({ column }) => column))) {
    for (const [j, summary] of found.entries()) summary.add(cells[j], count, rows);
    rows += count;
  }
  return { count: rows, summaries: found };
}

class ColumnSummary implements Summary {
  values = 0;
  constant = true;
  strays: Strays | undefined;
  words = 0;
  least = Number.POSITIVE_INFINITY;
  largest = Number.NEGATIVE_INFINITY;
  readonly #guess: Guess;
  readonly #read: ReadCell;
  #first: RecordValue | undefined;
  #seen: Set<RecordValue> | undefined;

  constructor(guess: Guess, na: readonly string[] | undefined, mayBeId: boolean) {
    this.#guess = guess;
    this.#read = makeCellReader(guess.column, makeReading(guess.kind, guess, na));
    this.#seen = mayBeId ? new Set() : undefined;
  }

  get distinct(): boolean {
    return this.#seen !== undefined;
  }

  add(cells: Cells, count: number, start: number): void {
    const asText = this.#guess.kind === 'category';
    for (let i = 0; i < count; i++) {
      const raw = this.#read(cells, i);
      if (Number.isNaN(raw)) continue;
      this.values++;
      if (raw === UNFIT) this.#addStray(cells.value(i), start + i);
      else {
        const value = asText ? cells.value(i) : raw;
        if (this.#first === undefined) this.#first = value;
        else if (this.constant && value !== this.#first) this.constant = false;
        if (raw < this.least) this.least = raw;
        if (raw > this.largest) this.largest = raw;
      }
      if (this.#seen !== undefined && this.#seen.size < COMPARED) this.#compare(cells.exact(i));
    }
  }

  #addStray(value: RecordValue, row: number): void {
    this.strays ??= { row, value, count: 0 };
    this.strays.count++;
    if (!isNumber(value)) this.words++;
    this.constant = false;
  }

  #compare(value: RecordValue): void {
    const broken = this.#guess.kind === 'number' && !Number.isInteger(Number(value));
    if (broken || this.#seen!.has(value)) this.#seen = undefined;
    else this.#seen!.add(value);
  }
}
