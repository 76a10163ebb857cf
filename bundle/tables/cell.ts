/** A value of a column that is carried from an input file to the output. */
export type Cell = number | bigint | boolean | string | null;
