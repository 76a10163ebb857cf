import type { TableColumn } from '../../bundle/column-schema.ts';
import { tableColumns } from '../../bundle/kind.ts';
import { defaultSignificance, describeSignificance, USUAL_SIGNIFICANCE } from '../../bundle/p-value.ts';
import { showText } from '../console/shell.ts';
import type { Source } from '../data/source.ts';
import { LEAST_CALIBRATION } from '../data/sources/held-out.ts';
import { explainRefusal } from '../data/tables/label.ts';
import { isLeak } from '../data/tables/leaks.ts';

/** A column with two values may mark the anomalies if one of them is in at most this share of the rows. */
const RARE = 0.1;

/** Most columns that a warning names. */
const MOST_NAMED = 20;

/** What to know about data before a model is trained on them, a sentence each. */
export function findWarnings(source: Source): string[] {
  return [
    ...warnOfReducedImages(source),
    ...warnOfRefusedLabels(source),
    ...warnOfLeaks(source),
    ...warnOfHiddenLabel(source),
    ...warnOfFewCalibrationSamples(source),
  ];
}

function warnOfReducedImages({ reducedFrom, shape: [height, width, channels] }: Source): string[] {
  if (!reducedFrom) return [];
  return [
    `the images of ${reducedFrom.join(' × ')} are reduced to ${height} × ${width}, which loses small details; ` +
      `for another size, add --shape HEIGHT,WIDTH,${channels}`,
  ];
}

/** A label that a single gap undoes is easily overlooked. */
function warnOfRefusedLabels({ label, excluded }: Source): string[] {
  if (label !== null) return [];
  return excluded.flatMap((column) => {
    const why = explainRefusal(column);
    return why === undefined
      ? []
      : [`column ${column.name} has the name of a label, but ${why}: it is left out, and there is no label`];
  });
}

/** A column that is left out unasked must not be overlooked. */
const warnOfLeaks = ({ excluded }: Source): string[] =>
  excluded.filter(isLeak).map(({ name, why }) => `column ${name} is left out: it ${why}`);

function warnOfHiddenLabel(source: Source): string[] {
  if (source.label !== null) return [];
  const [first, ...others] = tableColumns(source).filter((column) => rarity(column) <= RARE);
  if (!first) return [];
  const share = `${Number((100 * rarity(first)).toPrecision(2))}%`;
  const named = others.slice(0, MOST_NAMED).map(({ name }) => name);
  if (others.length > named.length) named.push('…');
  const also = others.length > 0 ? ` (see also ${named.join(', ')})` : '';
  return [
    `there is no label, so the model also learns from ${first.name}, which has two values, one of them in only ${share} of the rows${also}; ` +
      `if it marks the anomalies, add to train: --label ${JSON.stringify(first.name)}${rarerValue(first)}`,
  ];
}

function warnOfFewCalibrationSamples({ calibration: { count } }: Source): string[] {
  const significance = defaultSignificance(count);
  // With fewer than the least, training is refused anyway.
  if (significance === USUAL_SIGNIFICANCE || count < LEAST_CALIBRATION) return [];
  const needed = Math.ceil(1 / USUAL_SIGNIFICANCE) - 1;
  return [
    `rows are flagged at ${describeSignificance(significance, count)}; for ${USUAL_SIGNIFICANCE}, use more rows or --calibration ${needed}`,
  ];
}

/** The option that names the rarer of two texts; for flags it is known which one is anomalous. */
const rarerValue = (column: TableColumn): string =>
  column.kind === 'category' ? ` --anomalous ${showText(column.categories[1])}` : '';

/** For a column with two values, the share of the rarer one; else infinite. */
function rarity(column: TableColumn): number {
  if (column.kind === 'flag') return Math.min(column.share, 1 - column.share) || Number.POSITIVE_INFINITY;
  if (column.kind === 'category' && column.categories.length === 2) return column.frequencies[1];
  return Number.POSITIVE_INFINITY;
}
