import { defaultSignificance, describeSignificance, USUAL_SIGNIFICANCE } from '../../bundle/p-value.ts';
import { roughPercent } from '../console/percent.ts';
import { plural } from '../console/plural.ts';
import { showText } from '../console/shell.ts';
import type { Source } from '../data/source.ts';
import { LEAST_CALIBRATION } from '../data/sources/held-out.ts';
import { isPassed } from '../data/tables/class-words.ts';
import { explainRefusal } from '../data/tables/label.ts';
import { orderClasses, tellClasses } from '../data/tables/label-classes.ts';
import { isFraction, sortPair } from '../data/tables/label-question.ts';
import type { ColumnPair } from '../data/tables/label-values.ts';
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
function warnOfLeaks({ excluded }: Source): string[] {
  const leaks = excluded.filter(isLeak);
  const shown = leaks.slice(0, MOST_NAMED).map(({ name, why }) => `column ${name} is left out: it ${why}`);
  const more = leaks.length - shown.length;
  return more > 0
    ? [
        ...shown,
        `${plural(more, 'more column')} left out because of the label: npx offmanifold inspect lists all`,
      ]
    : shown;
}

function warnOfHiddenLabel({ label, pairs = [] }: Source): string[] {
  if (label !== null) return [];
  const [first, ...others] = pairs
    .map(({ name, pair }) => ({ name, pair: sortPair(pair) }))
    .filter(({ pair }) => mayMark(pair))
    .sort((a, b) => Number(isTold(b.pair)) - Number(isTold(a.pair)));
  if (!first) return [];
  const named = others.slice(0, MOST_NAMED).map(({ name }) => name);
  if (others.length > named.length) named.push('…');
  const also = others.length > 0 ? ` (see also ${named.join(', ')})` : '';
  return [
    `there is no label, so the model also learns from ${first.name}, which has two values, ${describePair(first.pair)}${also}; ` +
      `if it marks the anomalies, add to train: --label ${JSON.stringify(first.name)}${anomalousValue(first.pair)}`,
  ];
}

type Pair = ColumnPair['pair'];

/** Whether a column with these values may mark the anomalies: one value is rare, or their words say so. */
function mayMark(pair: Pair): boolean {
  if (pair.some(({ value }) => isFraction(value))) return false;
  return shareOf(pair) <= RARE || isTold(pair);
}

const shareOf = (pair: Pair): number => {
  const rows = pair.map((counted) => counted.rows);
  return Math.min(...rows) / (rows[0] + rows[1]);
};

/** Whether the words say that a column marks the anomalies; goods may be good and bad. */
const isTold = ([normal, anomalous]: Pair): boolean =>
  isPassed(normal.value) && tellClasses([normal.value, anomalous.value]);

const describePair = (pair: Pair): string =>
  shareOf(pair) <= RARE
    ? `one of them in only ${roughPercent(shareOf(pair))} of the rows`
    : pair.map(({ value }) => showText(value)).join(' and ');

function warnOfFewCalibrationSamples({ calibration: { count } }: Source): string[] {
  const significance = defaultSignificance(count);
  // With fewer than the least, training is refused anyway.
  if (significance === USUAL_SIGNIFICANCE || count < LEAST_CALIBRATION) return [];
  const needed = Math.ceil(1 / USUAL_SIGNIFICANCE) - 1;
  return [
    `rows are flagged at ${describeSignificance(significance, count)}; for ${USUAL_SIGNIFICANCE}, use more rows or --calibration ${needed}`,
  ];
}

/** The option that names the anomalous value, unless a label with these values has no other. */
function anomalousValue([normal, anomalous]: Pair): string {
  const known = orderClasses([normal.value, anomalous.value], undefined)?.[1] === anomalous.value;
  return known && anomalous.rows <= normal.rows ? '' : ` --anomalous ${showText(anomalous.value)}`;
}
