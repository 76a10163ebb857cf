import { FUSION_WORDS, fusionOf } from '../../bundle/fusion.ts';
import { kindOf } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';

/** The words for a bundle's samples in the dashboard's sentences. */
export interface Terms {
  /** One sample and several, by what they show: digit, image or row. */
  item: string;
  items: string;
  /** One sample and several, by their kind: image or row. */
  sample: string;
  samples: string;
  /** One sample with its article: `an image`, `a row`. */
  aSample: string;
  /** One number of a sample: pixel, value (of a pixel in colour), column or feature. */
  feature: string;
  /** What a label names: Digit or Class. */
  label: string;
  /** Whether the name of a class says by itself what it is, as `fault = 1` does. */
  namesClasses: boolean;
  /** What the score is. */
  score: string;
}

/** The terms for a manifest's data. */
export function termsFor({
  data,
  scorer,
}: Pick<Manifest, 'data'> & { scorer: Pick<Manifest['scorer'], 'fusion'> }): Terms {
  const { classes, shape } = data;
  const kind = kindOf(data);
  const sample = kind === 'image' ? 'image' : 'row';
  const feature = { table: 'column', matrix: 'feature', image: shape[2] === 1 ? 'pixel' : 'value' }[kind];
  const digits = kind === 'image' && classes.length > 1 && classes.every((name) => /^\d$/.test(name));
  const item = digits ? 'digit' : sample;
  return {
    item,
    items: `${item}s`,
    sample,
    samples: `${sample}s`,
    aSample: sample === 'image' ? 'an image' : 'a row',
    feature,
    label: digits ? 'Digit' : 'Class',
    namesClasses: data.label !== null,
    score: `${FUSION_WORDS[fusionOf(scorer)]} of the surprises, in nats`,
  };
}

/** A word with a capital first letter. */
export const capitalise = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

/** A technical name in words: `binary_cross_entropy` is `binary cross entropy`. */
export const readableName = (name: string): string =>
  name === 'gaussian_nll' ? 'negative Gaussian log-likelihood' : name.replaceAll('_', ' ');
