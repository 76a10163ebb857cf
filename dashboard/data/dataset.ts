import type { Manifest } from '../../bundle/manifest.ts';
import { CALIBRATED_SPLIT } from '../../bundle/map.ts';
import type { STUDY_PICTURES } from '../../bundle/studies.ts';
import { orderTiles } from '../../bundle/tile-order.ts';
import { formatCount, formatNumber } from '../common/format.ts';
import { rankBy } from '../common/order.ts';
import { layoutOf, Sprites } from './sprites.ts';
import { capitalise, type Terms, termsFor } from './terms.ts';

/** The map's points as columns, in the order of `map.parquet`. */
export interface Points {
  count: number;
  id: Int32Array;
  /** Index into `splits`. */
  split: Int16Array;
  splits: readonly string[];
  x: Float32Array;
  y: Float32Array;
  /** Index into `classes`, or -1 for a point without a label. */
  label: Int16Array;
  score: Float64Array;
  pValue: Float64Array;
}

/** WebP files that show what an image model has learned. */
export type PictureName = 'reconstructions.webp' | 'samples.webp' | (typeof STUDY_PICTURES)[number];

/** What sorting the points tells. */
export interface Order {
  /** The test points, the most anomalous first. */
  ranking: Uint32Array;
  /** The scores and p-values of the test points, in the order of `ranking`. */
  tested: Pick<Points, 'score' | 'pValue'>;
  /** Each point's thumbnail, counted over all sheets, where there are some. */
  slots: Uint32Array | undefined;
}

/** What the map is drawn from. */
export interface OpenedData {
  manifest: Manifest;
  points: Points;
  /** Found in the worker: of many points, it takes a while. */
  order: Order;
  /** Whether there is a graphics card to draw it with. */
  graphicsCard: boolean;
  /** Whether there is no connection, and this is what the browser has kept. */
  offline: boolean;
}

/** What the views show of a bundle from the start: the map. The rest is loaded when it is looked at. */
export interface Dataset {
  manifest: Manifest;
  classes: string[];
  points: Points;
  /** The test points, the most anomalous first. Only their p-values are calibrated. */
  ranking: Uint32Array;
  /** The scores and p-values of the test points, in the order of `ranking`. */
  tested: Pick<Points, 'score' | 'pValue'>;
  /** Whether there is a graphics card to draw the map with. */
  graphicsCard: boolean;
  /** Images only. */
  sprites: Sprites | undefined;
  terms: Terms;
}

/** Sorts the points. */
export function orderPoints({ sprites }: Pick<Manifest, 'sprites'>, points: Points): Order {
  const ranking = rankTested(points);
  const byRow = () => Uint32Array.from({ length: points.count }, (_, i) => i);
  return {
    ranking,
    tested: {
      score: Float64Array.from(ranking, (i) => points.score[i]!),
      pValue: Float64Array.from(ranking, (i) => points.pValue[i]!),
    },
    slots: sprites ? (sprites.order === 'place' ? orderTiles(points) : byRow()) : undefined,
  };
}

/** The dataset of a bundle that the worker has opened. `loadSheet` returns a decoded sheet of thumbnails. */
export function toDataset(
  { manifest, points, order: { ranking, tested, slots }, graphicsCard }: OpenedData,
  loadSheet: (sheet: number) => Promise<Uint8Array>,
): Dataset {
  const layout = layoutOf(manifest);
  return {
    manifest,
    classes: nameClasses(manifest.data),
    points,
    ranking,
    tested,
    graphicsCard,
    sprites: layout && slots && new Sprites(layout, slots, loadSheet),
    terms: termsFor(manifest),
  };
}

type Split = Pick<Points, 'split' | 'splits'>;
type Labelled = Pick<Dataset, 'classes'> & { points: Pick<Points, 'label'> & Split };
type Described = Pick<Dataset, 'points' | 'ranking' | 'terms'> & {
  manifest: { data: Pick<Manifest['data'], 'name' | 'splits'> };
};
type Named = Pick<Dataset, 'classes' | 'terms'> & { points: Pick<Points, 'label' | 'id'> & Split };

/** Whether a point's p-value is calibrated: whether it is in the test split, which training and calibration never saw. */
export const isCalibrated = (points: Split, index: number): boolean =>
  splitOf(points, index) === CALIBRATED_SPLIT;

/** The split that a point is in: `train`, `validation`, `calibration` or `test`. */
export const splitOf = ({ split, splits }: Split, index: number): string => splits[split[index]!]!;

/** The test points, the largest score first; of equal ones, the first. */
export function rankTested(points: Split & Pick<Points, 'count' | 'score'>): Uint32Array {
  const split = points.splits.indexOf(CALIBRATED_SPLIT);
  // Of many points, sorting takes a while: only the test points are sorted.
  const tested = Uint32Array.from(points.split.keys()).filter((index) => points.split[index] === split);
  return rankBy(points.score, tested);
}

/** Whether any point has a label. */
export const isLabelled = ({ points }: { points: Pick<Points, 'label'> }): boolean =>
  points.label.some((label) => label >= 0);

/** What the dots of the map are, in a sentence or two. */
export function describePoints({ manifest, points, ranking, terms }: Described): string {
  const { name, splits } = manifest.data;
  const all = Object.values(splits).reduce((sum, count) => sum + count, 0);
  const tested = ranking.length;
  if (tested === points.count) {
    return `Every dot is one of ${formatCount(tested)} ${name} ${terms.samples} that training never saw.`;
  }
  const which =
    points.count < all
      ? `${formatCount(points.count)} of the ${formatCount(all)}`
      : `the ${formatCount(all)}`;
  return `Every dot is one of ${which} ${name} ${terms.samples}; ${formatCount(tested)} are test ${terms.samples}, which neither training nor calibration saw.`;
}

/** The share of the largest class among the labelled test points: the accuracy of always naming that class. */
export function majorityShare({ classes, points }: Labelled): number {
  const counts = new Float64Array(classes.length);
  for (const [i, label] of points.label.entries()) {
    if (label >= 0 && isCalibrated(points, i)) counts[label]!++;
  }
  const labelled = counts.reduce((sum, count) => sum + count, 0);
  return labelled === 0 ? 0 : Math.max(...counts) / labelled;
}

/**
 * Whether naming the class of a point's neighbours is clearly better than always naming the largest class: it makes at
 * least a tenth fewer mistakes.
 */
export const beatsMajority = (accuracy: number, dataset: Labelled): boolean =>
  1 - accuracy < 0.9 * (1 - majorityShare(dataset));

/** The columns of the rows that say which row a point is. */
export const nameIds = ({
  rows,
  sprites,
}: {
  rows?: { ids: string[] } | undefined;
  sprites: object | null;
}): string[] =>
  // Height and width of an image's file are no names.
  rows?.ids.slice(0, sprites ? 1 : undefined) ?? [];

/** The names of the classes: for those of a column, `fault = 1`. */
export const nameClasses = ({ label, classes }: Manifest['data']): string[] =>
  label === null ? classes : classes.map((name) => `${label} = ${name}`);

/** A point's name: its label or, without one, its row: `Digit 7`, `fault = 1`, `Row 12`. */
export function nameOf({ classes, points, terms }: Named, index: number): string {
  const label = points.label[index]!;
  if (label < 0) return `${capitalise(terms.sample)} ${points.id[index]}`;
  const name = classes[label]!;
  return terms.namesClasses ? name : `${terms.label} ${name}`;
}

/** A point's row, unless its name already says it: `#123`, or `train #123` outside the test split. */
export const numberOf = ({ points }: Pick<Named, 'points'>, index: number): string =>
  points.label[index]! < 0 ? '' : `${prefixOf(points, index)}#${points.id[index]}`;

/** Rows are counted from 0 in each of MNIST's two files, so a number alone may not tell two points apart. */
const prefixOf = (points: Split, index: number) =>
  isCalibrated(points, index) ? '' : `${splitOf(points, index)} `;

/** A point's name for screen readers, unique to the point: `Digit 7, number 123`. */
export const spokenNameOf = (dataset: Named, index: number): string =>
  dataset.points.label[index]! < 0
    ? nameOf(dataset, index)
    : `${nameOf(dataset, index)}, ${prefixOf(dataset.points, index)}number ${dataset.points.id[index]}`;

/** The same for a button that shows a point: a picture or, without one, its name and score, which it must be called by. */
export function tileNameOf(
  dataset: Named & { sprites: unknown; points: Pick<Points, 'score'> },
  index: number,
): string {
  if (dataset.sprites) return spokenNameOf(dataset, index);
  const shown = `${nameOf(dataset, index)} ${formatNumber(dataset.points.score[index]!)}`;
  return dataset.points.label[index]! < 0 ? shown : `${shown}, number ${dataset.points.id[index]}`;
}
