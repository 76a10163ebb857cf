import type { FileColumn } from './table.ts';

/** Whole numbers beyond it may not fit the 64 bits of a signed integer, and those beyond the other one are not exact. */
const LARGEST_SIGNED = 9e18;
const LARGEST_WHOLE = 2 ** 64;

/** The types of a field's values. */
export class FieldTypes {
  #texts = false;
  #numbers = false;
  #booleans = false;
  #whole = true;
  #wide = false;
  unsafe = false;
  /** The first value that is a list or a record, and its row. */
  nested: unknown;
  row = 0;

  add(value: unknown, row: number): void {
    switch (typeof value) {
      case 'string':
        this.#texts = true;
        break;
      case 'number':
        this.#numbers = true;
        if (!Number.isInteger(value) || Math.abs(value) > LARGEST_WHOLE) this.#whole = false;
        if (!Number.isInteger(value) || Number.isSafeInteger(value)) break;
        this.unsafe = true;
        if (Math.abs(value) > LARGEST_SIGNED) this.#wide = true;
        break;
      case 'boolean':
        this.#booleans = true;
        break;
      default:
        if (value === null || this.nested !== undefined) break;
        this.nested = value;
        this.row = row;
    }
  }

  describe(): Pick<FileColumn, 'type' | 'whole' | 'wide'> {
    const several = Number(this.#texts) + Number(this.#numbers) + Number(this.#booleans) > 1;
    if (several || this.#texts) return { type: 'text', whole: false };
    if (this.#booleans) return { type: 'boolean', whole: false };
    return this.#numbers
      ? { type: 'number', whole: this.#whole, wide: this.#whole && this.#wide }
      : { type: 'text', whole: false };
  }
}
