import type { Manifest } from '../../../bundle/manifest.ts';
import type { CarriedColumn, OnBatch } from '../../../bundle/tables/model-rows.ts';
import type { Closable } from '../datasets/closable.ts';

/** The rows of a file as a model reads them, in the order of the file. */
export interface RowFile extends Closable {
  readonly path: string;
  /** The numbers in a row. */
  readonly features: number;
  /** About how many rows there are; undefined if it is not known before reading. */
  readonly expected: number | undefined;
  /** The columns that are carried through to the output. */
  readonly carried: readonly Pick<CarriedColumn, 'name' | 'type'>[];
  /** Reads all rows, at most `batch` at a time. Returns how many there are. */
  read(onBatch: OnBatch, batch: number): Promise<number>;
}

/** The part of a manifest's `data` that says what a model reads. */
export type ModelInput = Pick<Manifest['data'], 'shape' | 'features' | 'names' | 'range' | 'scaling'>;
