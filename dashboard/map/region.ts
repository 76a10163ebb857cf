import type { Place } from './camera.ts';
import type { Tool } from './gestures.ts';

/** The most corners that a lasso keeps: an address holds them all. */
const CORNERS = 60;

/** The corners of the box between two places, as x and y by turns. */
export const boxBetween = (a: Place, b: Place): number[] => [a.x, a.y, b.x, a.y, b.x, b.y, a.x, b.y];

/** How far a lasso's corners may be from where the pointer went, in CSS pixels. */
const LASSO_TOLERANCE = 1.5;

/** The corners of what a pointer has drawn on its way across the screen. `toMap` says where a place is on the map. */
export function regionAlong(way: readonly Place[], tool: Tool, toMap: (place: Place) => Place): number[] {
  if (tool === 'box') return boxBetween(toMap(way[0]!), toMap(way.at(-1)!));
  return simplify(way, LASSO_TOLERANCE)
    .map(toMap)
    .flatMap(({ x, y }) => [x, y]);
}

/** 1 for each point inside a polygon (even–odd rule), whose corners are x and y by turns. */
export function findInside(x: Float32Array, y: Float32Array, polygon: readonly number[]): Uint8Array {
  const inside = new Uint8Array(x.length);
  const xs = polygon.filter((_, i) => i % 2 === 0);
  const ys = polygon.filter((_, i) => i % 2 === 1);
  const [left, right, bottom, top] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  for (let i = 0; i < x.length; i++) {
    const [px, py] = [x[i]!, y[i]!];
    if (px < left || px > right || py < bottom || py > top) continue;
    let crossings = 0;
    for (let a = 0, b = xs.length - 1; a < xs.length; b = a++) {
      if (ys[a]! > py === ys[b]! > py) continue;
      if (px < xs[a]! + ((py - ys[a]!) / (ys[b]! - ys[a]!)) * (xs[b]! - xs[a]!)) crossings++;
    }
    inside[i] = crossings & 1;
  }
  return inside;
}

/**
 * A drawn line with as few corners as keep it within a tolerance (Ramer 1972; Douglas and Peucker 1973); the tolerance
 * doubles until 60 are enough.
 */
export function simplify(line: readonly Place[], tolerance: number): Place[] {
  for (let reach = tolerance; ; reach *= 2) {
    const kept = [line[0]!, ...between(line, 0, line.length - 1, reach), line.at(-1)!];
    if (kept.length <= CORNERS) return kept;
  }
}

function between(line: readonly Place[], from: number, to: number, tolerance: number): Place[] {
  let farthest = from;
  let distance = tolerance;
  for (let i = from + 1; i < to; i++) {
    const away = distanceTo(line[from]!, line[to]!, line[i]!);
    if (away > distance) [farthest, distance] = [i, away];
  }
  if (farthest === from) return [];
  return [
    ...between(line, from, farthest, tolerance),
    line[farthest]!,
    ...between(line, farthest, to, tolerance),
  ];
}

/** How far a place is from the line through two others or, if they are the same, from them. */
function distanceTo(a: Place, b: Place, place: Place): number {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  if (length === 0) return Math.hypot(place.x - a.x, place.y - a.y);
  return Math.abs((b.x - a.x) * (a.y - place.y) - (a.x - place.x) * (b.y - a.y)) / length;
}
