import type { Theme } from '../common/theme.ts';
import type { ModelClient } from '../data/model-client.ts';
import type { Route } from '../data/route.ts';

/** What a part of the page gets that shows what the address says. */
export interface Routed {
  model: ModelClient;
  theme: Theme;
  route: Route;
  /** The parts of the address that could not be read. */
  unread: string[];
  /** Changes the route: a new step or, with the name of an action, perhaps more of the last one. */
  ongo: (change: Partial<Route>, action?: string) => void;
}
