import { tableColumns } from '../../bundle/kind.ts';
import type { Cell } from '../../bundle/tables/cell.ts';
import { formatCount, formatNumber, formatPercent } from '../common/format.ts';
import { type FileResult, REASONS } from './file-result.ts';
import { type Data, featureName, formatExpected, formatValue, isReconstructed } from './rows.ts';

/** A smaller share of the score is no reason. */
const LEAST_SHARE = 0.05;

/** Carried columns that name a row in the ranking. */
const SHOWN = 3;

/** A feature that accounts for part of a score, in words: `pressure 3.2, expected 4.1`, `45%`. */
export interface Reason {
  text: string;
  share: string;
}

/** Why the row at place `k` of the ranking has its score, the largest share first. */
export function listReasons({ ranked }: Pick<FileResult, 'ranked'>, k: number, data: Data): Reason[] {
  const { features } = data;
  const reasons = Math.min(REASONS, features);
  return Array.from({ length: reasons }, (_, r) => k * reasons + r)
    .filter((at) => ranked.top.share[at]! >= LEAST_SHARE)
    .map((at) => {
      const j = ranked.top.index[at]!;
      const value = formatValue(data, j, ranked.sample[k * features + j]!);
      const expected = isReconstructed(data, j)
        ? `, expected ${shortenExpected(data, j, ranked.expected[k * features + j]!)}`
        : '';
      return {
        // A number alone would not read as a name.
        text: `${data.names ? '' : 'feature '}${featureName(data, j)} ${value}${expected}`,
        share: formatPercent(ranked.top.share[at]!),
      };
    });
}

/** A reconstruction in a sentence: a plain number to three digits. */
function shortenExpected(data: Data, j: number, raw: number): string {
  const column = tableColumns(data)[j];
  const plain = column?.kind === 'number' && column.origin === undefined;
  return plain ? formatNumber(raw) : formatExpected(data, j, raw);
}

/** The columns that name a row in the ranking, and their values in it. */
export const listShown = ({ carried, ranked }: Pick<FileResult, 'carried' | 'ranked'>) =>
  carried.slice(0, SHOWN).map((name, c) => ({ name, values: ranked.cells[c]! }));

/** A carried value as text. */
export const formatCell = (cell: Cell | undefined): string =>
  cell === null || cell === undefined ? '' : String(cell);

/** The row at place `k` in words: its file, or its number, counted from 1 as in messages. */
export const nameRow = ({ carried, ranked }: Pick<FileResult, 'carried' | 'ranked'>, k: number): string =>
  carried[0] === 'file' ? formatCell(ranked.cells[0]![k]) : `Row ${formatCount(ranked.row[k]! + 1)}`;
