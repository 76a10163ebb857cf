import type { TableColumn } from '../../bundle/column-schema.ts';

/** Columns that are named; the others are counted. */
const NAMED = 10;

/** Counts values that training did not know and scores ignore: new categories, and gaps in columns that had none. */
export class UnknownValues {
  readonly #columns: readonly TableColumn[];
  readonly #unknown: Uint32Array;
  readonly #missing: Uint32Array;
  #rows = 0;

  constructor(columns: readonly TableColumn[]) {
    this.#columns = columns;
    this.#unknown = new Uint32Array(columns.length);
    this.#missing = new Uint32Array(columns.length);
  }

  /** Counts in raw rows, count × columns. */
  add(rows: ArrayLike<number>, count: number): void {
    const width = this.#columns.length;
    this.#rows += count;
    for (const [j, { kind, missing_share }] of this.#columns.entries()) {
      const whole = missing_share === 0;
      for (let i = 0, p = j; i < count; i++, p += width) {
        const value = rows[p];
        if (whole && Number.isNaN(value)) this.#missing[j]++;
        else if (kind === 'category' && value === -1) this.#unknown[j]++;
      }
    }
  }

  /** What was found, a sentence a column. */
  warnings(): string[] {
    const share = (count: number) =>
      `${count.toLocaleString('en')} of ${this.#rows.toLocaleString('en')} rows`;
    const found = this.#columns.flatMap(({ name }, j) => [
      ...(this.#unknown[j] > 0
        ? [`column ${name}: the category is new in ${share(this.#unknown[j])}: no training row had it`]
        : []),
      ...(this.#missing[j] > 0
        ? [`column ${name}: the value is missing in ${share(this.#missing[j])}: every training row had one`]
        : []),
    ]);
    const more = found.length - NAMED;
    return more > 0 ? [...found.slice(0, NAMED), `and ${more} more such warnings`] : found;
  }
}
