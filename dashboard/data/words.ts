import type { Manifest } from '../../bundle/manifest.ts';

/** What the samples of a bundle are called in the dashboard's sentences. */
export interface Words {
  /** One sample and several, by what they show: digits, or no more than images or rows. */
  one: string;
  many: string;
  /** One sample and several, by their kind: images or rows. */
  sample: string;
  samples: string;
  /** What a sample consists of: pixels, the values of coloured ones, columns of a table, or features. */
  feature: string;
  /** What a label says of a sample. */
  label: string;
  /** What the score is. */
  score: string;
}

/** Whether the samples are images: height × width × channels. */
export const areImages = ({ data }: Pick<Manifest, 'data'>): boolean => data.shape.length === 3;

/** The words for the data of a manifest. */
export function wordsOf(manifest: Pick<Manifest, 'data'>): Words {
  const { classes, scaling, shape } = manifest.data;
  const kind = areImages(manifest) ? 'image' : 'row';
  const feature =
    kind === 'row' ? (scaling.kind === 'columns' ? 'column' : 'feature') : shape[2] === 1 ? 'pixel' : 'value';
  const digits = kind === 'image' && classes.length > 1 && classes.every((name) => /^\d$/.test(name));
  const one = digits ? 'digit' : kind;
  return {
    one,
    many: `${one}s`,
    sample: kind,
    samples: `${kind}s`,
    feature,
    label: digits ? 'Digit' : 'Class',
    score: 'mean surprise, in nats',
  };
}

/** With a capital first. */
export const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);
