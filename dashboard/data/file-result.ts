import { benjaminiHochberg } from '../../bundle/multiple-testing.ts';
import type { Cell } from '../../bundle/tables/cell.ts';
import type { TopShares } from '../../bundle/tables/score-table.ts';
import type { UnknownCount } from '../../bundle/unknown-values.ts';

/** How many features of a row are named as reasons, and in the exported table. */
export const REASONS = 3;

/** What rows of a file are anomalous: those up to a p-value, or the discoveries at a false discovery rate. */
export type Level = { readonly significance: number } | { readonly fdr: number };

/** The highest-scored rows of a file, the most anomalous first. */
export interface RankedRows {
  /** The number of each row in the file, counted from 0. */
  row: Uint32Array;
  /** Raw values, count × features. */
  sample: Float32Array;
  /** The reconstruction, count × features. */
  expected: Float32Array;
  /** The {@link REASONS} features with the largest shares of the score. */
  top: TopShares;
  /** Where each is on the map. */
  x: Float32Array;
  y: Float32Array;
  /** The values of the carried columns: a list for each column. */
  cells: Cell[][];
}

/** A file that was scored in this browser. */
export interface FileResult {
  /** The name of the file, or what the files are. */
  name: string;
  rows: number;
  /** Columns of the file that the model does not read; the exported table has them, too. */
  carried: string[];
  score: Float32Array;
  pValue: Float64Array;
  ranked: RankedRows;
  unknown: UnknownCount[];
  seconds: number;
}

/** The largest p-value that is anomalous at a level; 0 if none is. */
export const findCutoff = (pValue: Float64Array, level: Level): number =>
  'fdr' in level ? (benjaminiHochberg(Array.from(pValue), level.fdr).threshold ?? 0) : level.significance;

/** The command that writes the same table. */
export function describeCommand(
  { name, carried }: Pick<FileResult, 'name' | 'carried'>,
  level: Level,
  model: string,
): string {
  const quoted = (text: string) =>
    /^[\w.,/:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  const columns = carried.length > 0 ? ` --columns ${quoted(carried.join(','))}` : '';
  const cut = 'fdr' in level ? `--fdr ${level.fdr}` : `--significance ${level.significance}`;
  return `npx offmanifold score ${quoted(name)} --model models/${model} --out scores.csv${columns} --explain ${REASONS} ${cut}`;
}
