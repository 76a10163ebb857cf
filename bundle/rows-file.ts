/** The file with the rows of the map's points, in the order of `map.parquet`. */
export const ROWS_FILE = 'rows.parquet';

/** A file up to this size is read as a whole, and its SHA-256 is checked. Of a larger one, parts are read as needed. */
export const WHOLE_ROWS_BYTES = 4 * 2 ** 20;

/** How many features with the largest shares are kept of a row. */
export const REASONS = 5;
