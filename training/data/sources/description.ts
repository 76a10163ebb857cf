import type { Scaling } from '../../../bundle/manifest.ts';
import type { Samples } from '../../network/samples.ts';
import type { Closable } from '../datasets/closable.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { ColumnPair } from '../tables/label-values.ts';

/** What is known about the data, apart from the rows. */
export interface DataDescription {
  readonly name: string;
  /** One sample: [height, width, channels] for an image, [features] for a table. */
  readonly shape: readonly number[];
  /** Height and width of the files, if images were reduced because no shape was given. */
  readonly reducedFrom?: readonly [number, number];
  /** What a folder of images holds, in a sentence. */
  readonly summary?: string;
  /** Number of raw values in a sample. */
  readonly features: number;
  /** Number of values that the model sees for a sample. */
  readonly encoded: number;
  /** The names of a table's columns; null if the features have no names. */
  readonly names: readonly string[] | null;
  /** The column that says what is anomalous. The model does not see it. */
  readonly label: string | null;
  /** The other columns that the model does not see. */
  readonly excluded: readonly { name: string; why: string }[];
  /** The columns of a table with two values, and how many rows have each. */
  readonly pairs?: readonly ColumnPair[];
  readonly scaling: Scaling;
  /** The smallest and the largest value that is accepted; null for any number. */
  readonly range: [number, number] | null;
  /** The names of the classes; empty without labels. */
  readonly classes: readonly string[];
  /** Identifies the data: a checkpoint resumes only with the data that it was made with. */
  readonly fingerprint: string;
}

/** The rows by their use. The model learns from `train` only. */
export interface Splits {
  readonly train: Dataset;
  /** To choose the best epoch. */
  readonly validation: Samples;
  /** To turn scores into p-values. */
  readonly calibration: Samples;
  /** To report how good the model is. */
  readonly test: Samples;
}

/** What is known about each test sample. */
export interface TestAnnotations {
  /** Its row in the data, counted from 0. MNIST has test images of its own: there, its number among these. */
  readonly ids: Uint32Array;
  /** Its class, an index into `classes`; undefined without labels. */
  readonly labels: Uint8Array | undefined;
  /** For data with a binary label: 1 if the label says anomalous, else 0. */
  readonly anomalous: Uint8Array | undefined;
}

/** What a person knows rows by: an id column of a table; a file name, and the image's size. */
export interface RowIds {
  readonly name: string;
  readonly values: readonly (string | null)[];
}

/** The rows that training or calibration sees. */
export interface SeenRows {
  /** The rows of each split, in ascending order. For MNIST, those of the training images. */
  list(): Readonly<Record<(typeof SEEN_SPLITS)[number], Uint32Array>>;
  /** Reads some of them, in this order. */
  read(rows: Uint32Array): Promise<Samples>;
  /** The class of every row of the data, an index into `classes`; undefined without labels. */
  readonly labels: ArrayLike<number> | undefined;
}

/** The splits apart from the test split. */
export const SEEN_SPLITS = ['train', 'validation', 'calibration'] as const;

/** Data that are ready for a training run: described, split, and with the scaling of the training rows. */
export interface Source extends DataDescription, Splits, TestAnnotations, Closable {
  /** What the map shows beside the test samples. */
  readonly seen: SeenRows;
  /** Reads the ids of some rows of the data; absent if they have none. */
  readIds?(rows: Uint32Array): Promise<RowIds[]>;
}

/** The description and the annotations of data whose features have no names. */
export const UNNAMED = { names: null, label: null, excluded: [], anomalous: undefined } as const;

/** The class of every row: an index into `classes`. */
export interface RowLabels {
  readonly labels: Uint8Array;
  readonly classes: readonly string[];
}
