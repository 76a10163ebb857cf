import * as z from 'zod';
import type { RecordValue } from './record.ts';

/** The file with the rows of the map's points, in the order of `map.parquet`. */
export const ROWS_FILE = 'rows.parquet';

/** A file up to this size is read as a whole, and its SHA-256 is checked. Of a larger one, parts are read as needed. */
export const WHOLE_ROWS_BYTES = 4 * 2 ** 20;

/** The manifest's description of `rows.parquet`. */
export const RowsSchema = z.strictObject({
  /** Rows in a row group, the part of the file that is read at once. */
  group: z.int().positive(),
  /** The columns that say which row it is, as texts: the ids of a table; the file name of an image and its size. */
  ids: z.array(z.string()),
  /** Whether the raw values are there. Images have none, as thumbnails show them. */
  values: z.boolean(),
  /** What the names of all other columns begin with; no column of the data does. */
  prefix: z.string().regex(/^_+$/),
});

export type RowsDescription = z.infer<typeof RowsSchema>;

/** How many features with the largest shares are kept of a row. */
export const REASONS = 5;

/** A feature's part in a score: its index, its share of the score, and the raw value that the model expects. */
export interface Reason {
  index: number;
  share: number;
  expected: number;
}

/** What a bundle keeps of a point's row. */
export interface PointRow {
  /** In the order of the manifest's `rows.ids`; null where there is none. */
  ids: (string | null)[];
  /** As in a record, one per feature; undefined if the bundle keeps none. */
  values: RecordValue[] | undefined;
  /** Each detector's surprise in nats, in the order of the manifest. */
  surprises: number[];
  /** The largest share first; empty for images. */
  reasons: Reason[];
}
