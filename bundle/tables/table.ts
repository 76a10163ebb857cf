import type { RecordValue } from '../record.ts';

/** A column of a file, before it is known what the model makes of it. */
export interface FileColumn {
  readonly name: string;
  /** What the file says that its values are: CSV has texts only, and so have columns with values of several types. */
  readonly type: 'number' | 'boolean' | 'date' | 'text';
  /** Whether the file says that its numbers are whole. */
  readonly whole: boolean;
  /** Whether whole numbers may be beyond the 64 bits of a signed integer. */
  readonly wide?: boolean;
}

/** A column that cannot be read: a list, a record in a record, a type that fits none of the kinds. */
export interface UnreadableColumn {
  readonly name: string;
  readonly why: string;
  /** The first row, counted from 0, in which it cannot, if only some rows have such a value. */
  readonly row?: number;
}

/** The values of one column in a batch of rows. */
export interface Cells {
  /** The number in row i if it is a plain one, and the days since 1970-01-01 UTC of a date; else NaN. */
  number(i: number): number;
  /** The value in row i; a date as a text. Null where there is none. */
  value(i: number): RecordValue;
  /** As `value`, but a decimal, or a whole number that a float64 does not hold, as the text of its digits. */
  exact(i: number): RecordValue;
}

/** Some rows of a table. It is valid until the next batch is read. */
export interface Batch {
  readonly count: number;
  /** In the order in which the columns were asked for. */
  readonly cells: readonly Cells[];
}

/** A file of rows and named columns, read in the order of the file. */
export interface Table extends AsyncDisposable {
  readonly path: string;
  readonly columns: readonly FileColumn[];
  readonly unreadable: readonly UnreadableColumn[];
  /** Whether rows name their values themselves, and so may lack a column that others have. */
  readonly sparse?: boolean;
  /** Reads these columns of all rows. Throws a DataError that names the place of what cannot be read. */
  read(columns: readonly FileColumn[]): AsyncGenerator<Batch>;
  /** Reads an unreadable column as it is, such as one of lists, some rows at a time; null where there is no value. */
  readNested(name: string): AsyncGenerator<readonly unknown[]>;
  /** Counts or estimates the rows; undefined if that takes as long as reading them. */
  estimateRows(): Promise<number | undefined>;
}
