import type { CategoryColumn } from '../data/columns.ts';
import type { Dataset, Points } from '../data/dataset.ts';
import { type Extent, extentOf, type Place } from './camera.ts';

/** Where to write a class's name: where the class is densest on the map. */
export interface ClassLabel extends Place {
  label: number;
  text: string;
  /** Whether it is a smaller one, which makes room for others. */
  minor?: boolean;
}

type Mapped = Pick<Dataset, 'classes'> & { points: Pick<Points, 'count' | 'x' | 'y' | 'label'> };

const CELLS = 64;

/**
 * One label per class: where its points are densest and the fewest of other classes lie among them, at the mean of its
 * points there. Where two classes overlap, each is named on a part that is its own.
 */
export function classLabels({ points, classes }: Mapped): ClassLabel[] {
  const { count, x, y, label } = points;
  const cells = cellsOf(points, extentOf(x, y));
  const own = classes.map(() => new Float32Array(CELLS * CELLS));
  const all = new Float32Array(CELLS * CELLS);
  for (let i = 0; i < count; i++) {
    all[cells[i]!]!++;
    if (label[i]! >= 0) own[label[i]!]![cells[i]!]!++;
  }
  const crowd = smooth(smooth(all));
  const peaks = own.map((density) => {
    const members = smooth(smooth(density));
    let best = -1;
    let most = 0;
    for (const [cell, value] of members.entries()) {
      const merit = value ** 2 / crowd[cell]!;
      if (value > 0 && merit > most && density[cell]! > 0) [best, most] = [cell, merit];
    }
    return best;
  });
  const sums = classes.map(() => ({ x: 0, y: 0, count: 0 }));
  for (let i = 0; i < count; i++) {
    const peak = peaks[label[i]!];
    if (peak === undefined || !areNeighbours(peak, cells[i]!)) continue;
    const sum = sums[label[i]!]!;
    sum.x += x[i]!;
    sum.y += y[i]!;
    sum.count++;
  }
  return classes.flatMap((text, at) => {
    const sum = sums[at]!;
    return sum.count > 0 ? [{ label: at, text, x: sum.x / sum.count, y: sum.y / sum.count }] : [];
  });
}

/** One label per cluster that has a name, where the cluster is densest. */
export const clusterLabels = (places: readonly Place[], names: readonly string[]): ClassLabel[] =>
  places.flatMap(({ x, y }, label) =>
    names[label] ? [{ label, text: names[label], x, y, minor: true }] : [],
  );

/** A label on screen. */
export interface PlacedLabel extends Place {
  text: string;
  /** The size of its text in CSS pixels. */
  fontSize: number;
}

/**
 * The labels to draw, where `screen` says that their places are. Of two minor ones that would overlap, only the first is
 * drawn. A label whose place is on a screen of this width is drawn whole. Letters are taken as 0.56 times as wide as high.
 */
export function layOutLabels(
  labels: readonly ClassLabel[],
  screen: (place: Place) => Place,
  width: number,
): PlacedLabel[] {
  const placed: PlacedLabel[] = [];
  const halfOf = ({ text, fontSize }: PlacedLabel) => 0.28 * fontSize * text.length;
  for (const { text, minor, ...place } of labels) {
    const label = { ...screen(place), text, fontSize: minor ? 14 : 21 };
    const half = halfOf(label);
    if (label.x >= 0 && label.x <= width) {
      label.x = Math.max(half + 4, Math.min(width - half - 4, label.x));
    }
    const collides = placed.some(
      (other) =>
        Math.abs(other.x - label.x) < halfOf(other) + half &&
        Math.abs(other.y - label.y) < 0.6 * (other.fontSize + label.fontSize),
    );
    if (!minor || !collides) placed.push(label);
  }
  return placed;
}

/** Categories up to which they are written on the map. */
const MOST_LABELS = 20;

/** The same for the categories of a column, unless they are too many to be written. */
export function categoryLabels(
  { count, x, y }: Pick<Points, 'count' | 'x' | 'y'>,
  { categories, codes }: Pick<CategoryColumn, 'categories' | 'codes'>,
): ClassLabel[] {
  if (categories.length > MOST_LABELS) return [];
  return classLabels({ points: { count, x, y, label: Int16Array.from(codes) }, classes: [...categories] });
}

/** The cell of a square grid over the extent that each point is in. */
function cellsOf({ count, x, y }: Mapped['points'], { left, right, bottom, top }: Extent): Uint16Array {
  const side = Math.max(right - left, top - bottom) || 1;
  const along = (distance: number) => Math.min(CELLS - 1, Math.floor((CELLS * distance) / side));
  const cells = new Uint16Array(count);
  for (let i = 0; i < count; i++) cells[i] = along(y[i]! - bottom) * CELLS + along(x[i]! - left);
  return cells;
}

const areNeighbours = (a: number, b: number): boolean =>
  Math.abs((a % CELLS) - (b % CELLS)) <= 1 && Math.abs(Math.floor(a / CELLS) - Math.floor(b / CELLS)) <= 1;

/** The sums over each cell and the eight around it. */
function smooth(grid: Float32Array): Float32Array {
  const sums = new Float32Array(grid.length);
  for (let row = 0; row < CELLS; row++) {
    for (let column = 0; column < CELLS; column++) {
      let sum = 0;
      for (let r = Math.max(0, row - 1); r <= Math.min(CELLS - 1, row + 1); r++) {
        for (let c = Math.max(0, column - 1); c <= Math.min(CELLS - 1, column + 1); c++) {
          sum += grid[r * CELLS + c]!;
        }
      }
      sums[row * CELLS + column] = sum;
    }
  }
  return sums;
}
