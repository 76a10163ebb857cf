import type { TableColumn } from './column-schema.ts';

/** How many rows have a value of a column that no training row had. */
export interface UnknownCount {
  readonly column: string;
  /** Rows with a new category. */
  readonly unknown: number;
  /** Rows with a gap where training had none. */
  readonly missing: number;
}

/** Counts values that training did not know and scores ignore: new categories, and gaps in columns that had none. */
export class UnknownValues {
  readonly #columns: readonly TableColumn[];
  readonly #unknown: Uint32Array;
  readonly #missing: Uint32Array;
  rows = 0;

  constructor(columns: readonly TableColumn[]) {
    this.#columns = columns;
    this.#unknown = new Uint32Array(columns.length);
    this.#missing = new Uint32Array(columns.length);
  }

  /** Counts in raw rows, count × columns. */
  add(rows: ArrayLike<number>, count: number): void {
    const width = this.#columns.length;
    this.rows += count;
    for (const [j, { kind, missing_share }] of this.#columns.entries()) {
      const whole = missing_share === 0;
      for (let i = 0, p = j; i < count; i++, p += width) {
        const value = rows[p]!;
        if (whole && Number.isNaN(value)) this.#missing[j]!++;
        else if (kind === 'category' && value === -1) this.#unknown[j]!++;
      }
    }
  }

  /** The columns in which there are such values. */
  counts(): UnknownCount[] {
    return this.#columns
      .map(({ name }, j) => ({ column: name, unknown: this.#unknown[j]!, missing: this.#missing[j]! }))
      .filter(({ unknown, missing }) => unknown + missing > 0);
  }
}
