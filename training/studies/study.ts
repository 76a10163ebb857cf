import type { STUDY_PICTURES, Studies } from '../../bundle/studies.ts';
import type { Labelled } from '../classifiers/classifier.ts';
import type { Source } from '../data/source.ts';
import type { Pca } from '../linear/pca.ts';
import { selectRows } from '../runtime/rows.ts';
import type { Scorer } from '../scorer/scorer.ts';

/** What every study has at hand. Pixels are in 0..1. */
export interface Material {
  /** Images to learn from and images to judge by; all methods get the same. */
  readonly train: Labelled;
  readonly test: Labelled;
  readonly shape: readonly number[];
  /** The codes of both by the bundle's autoencoder. */
  readonly codes: { readonly train: Labelled; readonly test: Labelled };
  /** The bundle's autoencoder. */
  readonly scorer: Scorer;
  /** Of the training images, with as many components as the largest code that is tried. */
  readonly pca: Pca;
  /** The training images as autoencoders are trained on them, with the same test images. */
  readonly source: Source;
  readonly seed: number;
  readonly quick: boolean;
  readonly threads: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** Where a study puts what it draws. */
  readonly pictures: Map<(typeof STUDY_PICTURES)[number], Uint8Array>;
}

/** Says what is being done, and what share of the study is over. */
export type Report = (what: string, share: number) => void;

export type Key = Exclude<keyof Studies, 'settings' | 'seconds'>;

/** One question, and how it is answered. */
export interface Study<K extends Key> {
  readonly key: K;
  readonly title: string;
  /** About how many seconds it takes on two cores: only proportions count. */
  readonly expected: number;
  run(material: Material, report: Report): Promise<Studies[K]>;
}

/** The first `count` rows, or all of them. */
export function first(samples: Labelled, count: number): Labelled {
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
export function ofClass(samples: Labelled, label: number): Labelled {
  const rows = Array.from(samples.labels.keys()).filter((i) => samples.labels[i] === label);
  return { ...samples, ...selectRows(samples, rows), labels: new Uint8Array(rows.length).fill(label) };
}
