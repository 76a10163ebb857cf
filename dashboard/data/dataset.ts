import type { Manifest } from '../../bundle/manifest.ts';
import type { Report } from '../../bundle/report.ts';
import { STUDY_PICTURES } from '../../bundle/studies.ts';
import type { Sprites } from './sprites.ts';
import { capital, type Words } from './words.ts';

/** The map's points as columns, one value per point, in the order of `map.parquet`. */
export interface Points {
  count: number;
  id: Int32Array;
  split: string[];
  x: Float32Array;
  y: Float32Array;
  /** Index into `classes`, or -1 where the label is not known. */
  label: Int16Array;
  score: Float64Array;
  pValue: Float64Array;
}

export const PICTURES = ['reconstructions.webp', 'samples.webp', ...STUDY_PICTURES] as const;

/** A whole bundle as plain data: all that the views need, and nothing that they must fetch. */
export interface Dataset {
  manifest: Manifest;
  report: Report;
  classes: string[];
  points: Points;
  /** Only of images. */
  sprites: Sprites | undefined;
  /** WebP files of what an image model has learned, by their names in the bundle. */
  pictures: Partial<Record<(typeof PICTURES)[number], Uint8Array>>;
  words: Words;
}

/** Whether the label of any point is known. */
export const isLabelled = ({ points }: Dataset): boolean => points.label.some((label) => label >= 0);

/** The share of the commonest class among the points whose label is known: how often always naming it is right. */
export function commonestShare({ classes, points }: Pick<Dataset, 'classes' | 'points'>): number {
  const counts = new Float64Array(classes.length);
  for (const label of points.label) if (label >= 0) counts[label]!++;
  const known = counts.reduce((sum, count) => sum + count, 0);
  return known === 0 ? 0 : Math.max(...counts) / known;
}

/** What a reader calls a point: its label or, without one, its row: `Digit 7`, `Row 12`. */
export function nameOf({ classes, points, words }: Dataset, index: number): string {
  const label = points.label[index]!;
  return label < 0 ? `${capital(words.sample)} ${points.id[index]}` : `${words.label} ${classes[label]}`;
}

/** The row of a point, where its name does not tell it: `#123`. */
export const numberOf = ({ points }: Dataset, index: number): string =>
  points.label[index]! < 0 ? '' : `#${points.id[index]}`;

/** What a screen reader calls a point, so that no two sound the same: `Digit 7, number 123`. */
export const spokenNameOf = (dataset: Dataset, index: number): string =>
  dataset.points.label[index]! < 0
    ? nameOf(dataset, index)
    : `${nameOf(dataset, index)}, number ${dataset.points.id[index]}`;
