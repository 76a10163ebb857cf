import type { Cell } from '../../bundle/tables/cell.ts';
import { formatCount, formatPercent } from '../common/format.ts';
import { type FileResult, REASONS } from './file-result.ts';
import { describeReason } from './reason.ts';
import { formatValue } from './rows.ts';

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
export function listReasons(
  { ranked }: Pick<FileResult, 'ranked'>,
  k: number,
  described: Parameters<typeof describeReason>[0],
): Reason[] {
  const { data } = described;
  const { features } = data;
  const reasons = Math.min(REASONS, features);
  return Array.from({ length: reasons }, (_, r) => k * reasons + r)
    .filter((at) => ranked.top.share[at]! >= LEAST_SHARE)
    .map((at) => {
      const index = ranked.top.index[at]!;
      const raw = ranked.sample[k * features + index]!;
      return {
        text: describeReason(described, {
          index,
          value: { text: formatValue(data, index, raw), raw },
          expected: ranked.expected[k * features + index]!,
        }),
        share: formatPercent(ranked.top.share[at]!),
      };
    });
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
