import type { Manifest } from '../../bundle/manifest.ts';
import type { Report } from '../../bundle/report.ts';
import { STUDY_PICTURES } from '../../bundle/studies.ts';
import type { Sprites } from './sprites.ts';
import { capitalise, type Terms } from './terms.ts';

/** The map's points as columns, in the order of `map.parquet`. */
export interface Points {
  count: number;
  id: Int32Array;
  split: string[];
  x: Float32Array;
  y: Float32Array;
  /** Index into `classes`, or -1 for a point without a label. */
  label: Int16Array;
  score: Float64Array;
  pValue: Float64Array;
}

export const PICTURES = ['reconstructions.webp', 'samples.webp', ...STUDY_PICTURES] as const;

/** A bundle as plain data: everything that the views show. */
export interface Dataset {
  manifest: Manifest;
  report: Report;
  classes: string[];
  points: Points;
  /** Images only. */
  sprites: Sprites | undefined;
  /** WebP files that show what an image model has learned, by their names in the bundle. */
  pictures: Partial<Record<(typeof PICTURES)[number], Uint8Array>>;
  terms: Terms;
}

type Labelled = Pick<Dataset, 'classes'> & { points: Pick<Points, 'label'> };
type Named = Pick<Dataset, 'classes' | 'terms'> & { points: Pick<Points, 'label' | 'id'> };

/** Whether any point has a label. */
export const isLabelled = ({ points }: { points: Pick<Points, 'label'> }): boolean =>
  points.label.some((label) => label >= 0);

/** The share of the largest class among the labelled points: the accuracy of always naming that class. */
export function majorityShare({ classes, points }: Labelled): number {
  const counts = new Float64Array(classes.length);
  for (const label of points.label) if (label >= 0) counts[label]!++;
  const labelled = counts.reduce((sum, count) => sum + count, 0);
  return labelled === 0 ? 0 : Math.max(...counts) / labelled;
}

/**
 * Whether naming the class of a point's neighbours is clearly better than always naming the largest class: it makes at
 * least a tenth fewer mistakes.
 */
export const beatsMajority = (accuracy: number, dataset: Labelled): boolean =>
  1 - accuracy < 0.9 * (1 - majorityShare(dataset));

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

/** A point's row, unless its name already says it: `#123`. */
export const numberOf = ({ points }: Pick<Named, 'points'>, index: number): string =>
  points.label[index]! < 0 ? '' : `#${points.id[index]}`;

/** A point's name for screen readers, unique to the point: `Digit 7, number 123`. */
export const spokenNameOf = (dataset: Named, index: number): string =>
  dataset.points.label[index]! < 0
    ? nameOf(dataset, index)
    : `${nameOf(dataset, index)}, number ${dataset.points.id[index]}`;
