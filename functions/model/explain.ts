import { addOrigin, displayExpected, displayValue } from '../../bundle/column-display.ts';
import { isClock } from '../../bundle/column-traits.ts';
import { shortestFloat } from '../../bundle/float.ts';
import { kindOf, tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { type Feature, rankFeatures, type SurprisingFeature } from '../../bundle/score-response.ts';
import type { ScorerOutput } from '../../bundle/scorer.ts';
import { isRedacted } from './redact.ts';

/**
 * The `top` features with the largest shares of the score of sample i, in descending order. `samples`: n × features
 * raw values.
 */
export function explain(
  samples: Float32Array,
  output: Pick<ScorerOutput, 'reconstruction' | 'feature_error' | 'feature_share'>,
  i: number,
  data: Manifest['data'],
  top: number,
): Feature[] {
  const features = rankFeatures(samples, output, i, data.features, top);
  switch (kindOf(data)) {
    case 'table':
      return features.map((feature) => nameColumn(feature, data));
    case 'image':
      return features.map((feature) => locatePixel(feature, data));
    case 'matrix':
      return features;
  }
}

/** Adds the name of the column, and writes its values for people. A clock has no expected date. */
function nameColumn({ index, value, expected, ...part }: SurprisingFeature, data: Manifest['data']): Feature {
  const column = tableColumns(data)[index]!;
  const write = (raw: number, display: typeof displayValue) => {
    if (Number.isNaN(raw) || (column.kind === 'category' && isRedacted(column.categories))) return null;
    return column.kind === 'number' ? addOrigin(column, shortestFloat(raw)) : display(column, raw);
  };
  return {
    index,
    name: column.name,
    value: write(value, displayValue),
    expected: isClock(column) ? null : write(expected, displayExpected),
    ...part,
  };
}

/** Adds the row and the column of the pixel. */
function locatePixel({ index, ...part }: SurprisingFeature, { shape }: Manifest['data']): Feature {
  const [, columns, channels] = shape;
  const pixel = Math.floor(index / channels!);
  return { index, row: Math.floor(pixel / columns!), column: pixel % columns!, ...part };
}
