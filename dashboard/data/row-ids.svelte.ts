import type { Dataset } from './dataset.ts';
import type { ModelClient } from './model-client.ts';

/** What the bundle calls the rows of some points: their ids or file names. */
export class RowIds {
  /** In the order of the points; empty until they are read, and where the bundle keeps none. */
  texts = $state.raw<readonly (string | undefined)[]>([]);

  /** Follows what `points` returns. Call it while a component is set up. */
  constructor(model: () => ModelClient, dataset: () => Dataset, points: () => number[]) {
    $effect(() => {
      const indices = points();
      this.texts = [];
      if (!dataset().manifest.rows?.ids.length) return;
      let current = true;
      model()
        .rows(indices)
        .then(
          (rows) => {
            if (current) this.texts = rows.map((row) => row.ids[0] ?? undefined);
          },
          // Their numbers tell which they are, too.
          () => {},
        );
      return () => {
        current = false;
      };
    });
  }
}
