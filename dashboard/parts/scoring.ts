import type { Theme } from '../common/theme.ts';
import type { Dataset } from '../data/dataset.ts';
import type { ModelClient } from '../data/model-client.ts';

/** What a page shows scores with. */
export interface Shown {
  dataset: Dataset;
  theme: Theme;
  significance: number;
  onsignificance: (significance: number) => void;
  /** Shows a point of the map. */
  onopen: (index: number) => void;
}

/** What every page gets that scores samples. */
export interface ScoringProps extends Shown {
  model: ModelClient;
}
