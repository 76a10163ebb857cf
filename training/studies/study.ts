import type { STUDY_PICTURES, Studies } from '../../bundle/studies.ts';
import type { Labelled } from '../classifiers/classifier.ts';
import type { Source } from '../data/source.ts';
import type { Pca } from '../linear/pca.ts';
import type { Samples } from '../network/samples.ts';
import { selectRows } from '../runtime/rows.ts';
import type { Scorer } from '../scorer/scorer.ts';
import type { Task } from './clock.ts';
import type { Crew } from './crew.ts';

/** What every study works with. Pixels are in 0..1. */
export interface Material {
  /** Images to train on and to test on, the same for all methods. */
  readonly train: Labelled;
  readonly test: Labelled;
  readonly shape: readonly number[];
  /** The codes that the bundle's autoencoder gives them. */
  readonly codes: { readonly train: Labelled; readonly test: Labelled };
  /** Runs the bundle's `scorer.onnx`. */
  readonly scorer: Scorer;
  /** Fitted to the training images, with as many components as any study needs. */
  readonly pca: Pca;
  /** The images that the studies train autoencoders on: the data, with the same test images, and those to train on. */
  readonly source: Source;
  readonly images: Samples;
  /** Trains the networks of the studies. */
  readonly crew: Crew;
  readonly seed: number;
  readonly quick: boolean;
  readonly threads: number | undefined;
  /** A study adds its pictures here. */
  readonly pictures: Map<(typeof STUDY_PICTURES)[number], Uint8Array>;
}

/** Reports what is being done, and the share of the study that is done. */
export type ReportProgress = (what: string, share: number) => void;

export type StudyKey = Exclude<keyof Studies, 'settings' | 'seconds'>;

/** One question about the digits, and how to answer it. */
export interface Study<K extends StudyKey> extends Task {
  readonly key: K;
  run(material: Material, report: ReportProgress): Promise<Studies[K]>;
}

/** The first `count` rows, or all of them. */
export function takeFirst(samples: Labelled, count: number): Labelled {
  if (count >= samples.n) return samples;
  const { values, d, labels } = samples;
  return {
    ...samples,
    n: count,
    values: values.subarray(0, count * d),
    labels: labels.subarray(0, count),
  };
}

/** The rows of one class. */
export function selectClass(samples: Labelled, label: number): Labelled {
  const rows = Array.from(samples.labels.keys()).filter((i) => samples.labels[i] === label);
  return { ...samples, ...selectRows(samples, rows), labels: new Uint8Array(rows.length).fill(label) };
}
