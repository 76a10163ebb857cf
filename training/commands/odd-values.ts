import type { TableColumn } from '../../bundle/column-schema.ts';

/** So many columns are named. */
const NAMED = 10;

/** Counts the values of rows that scores pass over: categories that no training row had, and gaps where none had one. */
export class OddValues {
  readonly #columns: readonly TableColumn[];
  readonly #unknown: Uint32Array;
  readonly #missing: Uint32Array;
  #rows = 0;

  constructor(columns: readonly TableColumn[]) {
    this.#columns = columns;
    this.#unknown = new Uint32Array(columns.length);
    this.#missing = new Uint32Array(columns.length);
  }

  /** Takes raw rows, count × columns, into account. */
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
  lines(): string[] {
    const of = this.#rows.toLocaleString('en');
    const found = this.#columns.flatMap(({ name }, j) => {
      const [unknown, missing] = [this.#unknown[j], this.#missing[j]].map((n) => n.toLocaleString('en'));
      return [
        ...(this.#unknown[j] > 0
          ? [`column ${name}: ${unknown} of ${of} rows have a category that no training row had`]
          : []),
        ...(this.#missing[j] > 0
          ? [`column ${name}: ${missing} of ${of} rows have no value, which every training row had`]
          : []),
      ];
    });
    const more = found.length - NAMED;
    return more > 0 ? [...found.slice(0, NAMED), `and ${more} more such columns`] : found;
  }
}
