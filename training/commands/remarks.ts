import type { TableColumn } from '../../bundle/column-schema.ts';
import { DEFAULT_SIGNIFICANCE, smallestPValue } from '../../bundle/p-value.ts';
import type { Source } from '../data/source.ts';

/** Of two values, one that so few of the rows have may be what marks the anomalies. */
const RARE = 0.1;

/** What is worth knowing of data before a model of them is trained, a sentence each. */
export function remarks({ scaling, label, calibration }: Source): string[] {
  const found: string[] = [];
  const rare =
    scaling.kind === 'columns' && label === null ? scaling.columns.filter((one) => rarity(one) <= RARE) : [];
  if (rare.length > 0) {
    const [{ name }] = rare;
    const share = `${Number((100 * rarity(rare[0])).toPrecision(2))} %`;
    found.push(
      `there is no label: ${name}, with two values, one of them in ${share} of the rows, is learned from like every column` +
        `${
          rare.length > 1
            ? ` (so are ${rare
                .slice(1)
                .map((one) => one.name)
                .join(', ')})`
            : ''
        }; if it marks the anomalies, say so in training: --label ${JSON.stringify(name)}${rarerOf(rare[0])}`,
    );
  }
  const { count } = calibration;
  const least = smallestPValue(count);
  if (least > DEFAULT_SIGNIFICANCE) {
    found.push(
      `${count} calibration samples: no p-value will be below ${least.toPrecision(2)}, so that nothing is anomalous at ${DEFAULT_SIGNIFICANCE}; ` +
        `with --calibration ${Math.ceil(1 / DEFAULT_SIGNIFICANCE) - 1} it can be`,
    );
  }
  return found;
}

/** Of two texts, of which it may not be known, the one that marks them. */
const rarerOf = (column: TableColumn): string =>
  column.kind === 'category' ? ` --anomalous ${JSON.stringify(column.categories[1])}` : '';

/** Of a column of two values, the share of the rarer one; else infinite. */
function rarity(column: TableColumn): number {
  if (column.kind === 'flag') return Math.min(column.share, 1 - column.share) || Number.POSITIVE_INFINITY;
  if (column.kind === 'category' && column.categories.length === 2) return column.frequencies[1];
  return Number.POSITIVE_INFINITY;
}
