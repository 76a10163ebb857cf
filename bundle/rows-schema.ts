import * as z from 'zod';
import { counting } from './ranges.ts';
import type { RecordValue } from './record.ts';

/** The manifest's description of `rows.parquet`. */
export const RowsSchema = z.strictObject({
  /** Rows in a row group, the part of the file that is read at once. */
  group: counting,
  /** The columns that say which row it is, as texts: the ids of a table; the file name of an image and its size. */
  ids: z.array(z.string()),
  /** Whether the raw values are there. Images have none, as thumbnails show them. */
  values: z.boolean(),
  /** What the names of all other columns begin with; no column of the data does. */
  prefix: z.string().regex(/^_+$/),
});

export type RowsDescription = z.infer<typeof RowsSchema>;

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
