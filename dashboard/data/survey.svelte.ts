import type { Landscape, Places } from './landscape.ts';
import type { ModelClient } from './model-client.ts';

/** While a filter is dragged, the lines may wait, in milliseconds. */
const PAUSE = 200;

/** The landscape of the points that are shown, which the worker surveys anew whenever others are. */
export class Survey {
  /** With the points that were shown; undefined until the worker has answered. */
  landscape = $state.raw<Landscape & Pick<Places, 'shown'>>();

  /** Follows what the functions return. Call it while a component is set up. */
  constructor(model: () => ModelClient, places: () => Places) {
    $effect(() => {
      const surveyed = places();
      let current = true;
      const timer = setTimeout(async () => {
        try {
          const found = await model().landscape(surveyed);
          if (current) this.landscape = { ...found, shown: surveyed.shown };
        } catch {
          // The map stays without lines and names.
        }
      }, PAUSE);
      return () => {
        current = false;
        clearTimeout(timer);
      };
    });
  }
}
