import { contours } from 'd3-contour';

/** How densely points lie on a map: a grid of square cells, row by row from the bottom. */
export interface Density {
  columns: number;
  rows: number;
  values: Float64Array;
  /** The corner of the first cell, and the side of a cell, in map units. */
  left: number;
  bottom: number;
  cell: number;
}

/** Lines of equal density, the outermost first: paths as SVG has them, in cells of a grid. */
export interface Contours extends Pick<Density, 'left' | 'bottom' | 'cell'> {
  paths: string[];
}

/** Cells along the longer side of the map. */
const CELLS = 128;
/** A curve that ends at the edge of the grid would be cut off, so that there are empty cells around the points. */
const MARGIN = 10;
/** The densities that have a line, in shares of the largest one. */
const LEVELS = [1 / 40, 1 / 12, 1 / 5, 0.4, 0.7];

/**
 * The density of the points that are shown (1; others 0), smoothed by a bell of about `radius` cells: three sliding
 * means after one another.
 */
export function measureDensity(x: Float32Array, y: Float32Array, shown: Uint8Array, radius: number): Density {
  const extent = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < x.length; i++) {
    extent[0] = Math.min(extent[0]!, x[i]!);
    extent[1] = Math.max(extent[1]!, x[i]!);
    extent[2] = Math.min(extent[2]!, y[i]!);
    extent[3] = Math.max(extent[3]!, y[i]!);
  }
  const [west, east, south, north] = extent as [number, number, number, number];
  const cell = Math.max(east - west, north - south) / CELLS || 1;
  const columns = Math.floor((east - west) / cell) + 1 + 2 * MARGIN;
  const rows = Math.floor((north - south) / cell) + 1 + 2 * MARGIN;
  const density: Density = {
    columns,
    rows,
    values: new Float64Array(columns * rows),
    left: west - MARGIN * cell,
    bottom: south - MARGIN * cell,
    cell,
  };
  for (let i = 0; i < x.length; i++) if (shown[i]) density.values[cellAt(density, x[i]!, y[i]!)]!++;
  for (let pass = 0; pass < 3; pass++) smooth(density, radius);
  return density;
}

/** The index of the cell that a place of the map is in. */
export const cellAt = ({ left, bottom, cell, columns }: Density, x: number, y: number): number =>
  Math.floor((y - bottom) / cell) * columns + Math.floor((x - left) / cell);

/** Replaces each value by the mean of those up to `radius` cells away: along the rows, then along the columns. */
function smooth({ values, columns, rows }: Density, radius: number): void {
  const line = new Float64Array(Math.max(columns, rows));
  const along = (start: number, step: number, length: number) => {
    let sum = 0;
    for (let k = 0; k < length; k++) line[k] = values[start + k * step]!;
    for (let k = 0; k < Math.min(radius, length); k++) sum += line[k]!;
    for (let k = 0; k < length; k++) {
      if (k + radius < length) sum += line[k + radius]!;
      if (k - radius > 0) sum -= line[k - radius - 1]!;
      values[start + k * step] = Math.max(0, sum) / (2 * radius + 1);
    }
  };
  for (let row = 0; row < rows; row++) along(row * columns, 1, columns);
  for (let column = 0; column < columns; column++) along(column, columns, rows);
}

/** The lines of equal density at fixed shares of the largest density. */
export function traceContours({ values, columns, rows, left, bottom, cell }: Density): Contours {
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  const trace = contours().size([columns, rows]);
  const paths = LEVELS.map((share) =>
    largest === 0 ? '' : pathOf(trace.contour(Array.from(values), share * largest).coordinates),
  );
  return { paths, left, bottom, cell };
}

const pathOf = (polygons: [number, number][][][]): string =>
  polygons
    .flat()
    .map((ring) => `M${ring.map(([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`).join('L')}Z`)
    .join('');
