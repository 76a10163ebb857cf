import type { Dataset, Points } from '../data/dataset.ts';
import type { Place } from './camera.ts';
import { extentOf } from './camera.ts';

/** Where to write a class's name: where the class is densest on the map. */
export interface ClassLabel extends Place {
  label: number;
  text: string;
}

type Mapped = Pick<Dataset, 'classes'> & { points: Pick<Points, 'count' | 'x' | 'y' | 'label'> };

const CELLS = 24;

/** One label per class, at the mean of its points in the fullest 3 × 3 cells of a grid. */
export function classLabels({ points, classes }: Mapped): ClassLabel[] {
  const { left, right, bottom, top } = extentOf(points.x, points.y);
  const cellOf = (value: number, from: number, to: number) =>
    Math.min(CELLS - 1, Math.floor((CELLS * (value - from)) / (to - from || 1)));
  return classes.flatMap((text, label) => {
    const grid = new Uint32Array(CELLS * CELLS);
    const members: { x: number; y: number; column: number; row: number }[] = [];
    for (let i = 0; i < points.count; i++) {
      if (points.label[i] !== label) continue;
      const x = points.x[i]!;
      const y = points.y[i]!;
      const place = { x, y, column: cellOf(x, left, right), row: cellOf(y, bottom, top) };
      members.push(place);
      for (let row = Math.max(0, place.row - 1); row <= Math.min(CELLS - 1, place.row + 1); row++) {
        for (
          let column = Math.max(0, place.column - 1);
          column <= Math.min(CELLS - 1, place.column + 1);
          column++
        ) {
          grid[row * CELLS + column]!++;
        }
      }
    }
    if (members.length === 0) return [];
    const fullest = grid.indexOf(Math.max(...grid));
    const [row, column] = [Math.floor(fullest / CELLS), fullest % CELLS];
    const near = members.filter(
      (place) => Math.abs(place.row - row) <= 1 && Math.abs(place.column - column) <= 1,
    );
    const mean = (of: 'x' | 'y') => near.reduce((sum, place) => sum + place[of], 0) / near.length;
    return [{ label, text, x: mean('x'), y: mean('y') }];
  });
}
