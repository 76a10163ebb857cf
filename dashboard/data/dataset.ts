import type { Manifest } from '../../bundle/manifest.ts';
import type { Report } from '../../bundle/report.ts';
import type { Sprites } from './sprites.ts';

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

/** A whole bundle as plain data: all that the views need, and nothing that they must fetch. */
export interface Dataset {
  manifest: Manifest;
  report: Report;
  classes: string[];
  points: Points;
  sprites: Sprites;
}

/** What a reader calls a point: its label and its row, `Digit 7` or `Sample 12`. */
export function nameOf({ classes, points }: Dataset, index: number): string {
  const label = points.label[index]!;
  return label < 0 ? `Sample ${points.id[index]}` : `Digit ${classes[label]}`;
}

/** What a screen reader calls a point, so that no two sound the same: `Digit 7, number 123`. */
export const spokenNameOf = (dataset: Dataset, index: number): string =>
  dataset.points.label[index]! < 0
    ? nameOf(dataset, index)
    : `${nameOf(dataset, index)}, number ${dataset.points.id[index]}`;
