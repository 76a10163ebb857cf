import { type Clusters, findClusters } from './clusters.ts';
import { type Contours, measureDensity, traceContours } from './density.ts';

/** The places of points in map units, and which of them are shown (1; others 0). */
export interface Places {
  x: Float32Array;
  y: Float32Array;
  shown: Uint8Array;
}

/** Where the points of a map lie: how densely, and in which groups. */
export interface Landscape {
  contours: Contours;
  clusters: Clusters;
}

/** How far points blur into one another, in cells of the density's grid: for lines, and for groups. */
const LINES = 1;
const GROUPS = 3;

/** Where the points that are shown lie. */
export const surveyLandscape = ({ x, y, shown }: Places): Landscape => ({
  contours: traceContours(measureDensity(x, y, shown, LINES)),
  clusters: findClusters(measureDensity(x, y, shown, GROUPS), x, y, shown),
});
