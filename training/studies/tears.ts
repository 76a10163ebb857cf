import type { Neighbours } from '../../tsne/tsne.ts';
import { findPieces, takeLarge } from './clusters.ts';

/** A class whose points lie in several large pieces. */
export interface Tear {
  readonly label: number;
  /** The share of the class in all large pieces but the first. */
  readonly share: number;
  /** The class of most points between the two largest pieces, if there are any. */
  readonly between: number | null;
}

/** The part of the way between two pieces that is between them, and how far aside a point may lie, as a share of that way. */
const [FROM, TO, ASIDE] = [0.25, 0.75, 0.25];

/**
 * The classes that a map tears, the worst first.
 *
 * @param places n × 2
 * @param neighbours of each point on the map
 */
export function findTears(
  places: Float32Array,
  neighbours: Pick<Neighbours, 'k' | 'indices'>,
  labels: Uint8Array,
  classes: number,
): Tear[] {
  const tears: Tear[] = [];
  for (const [label, pieces] of findPieces(neighbours, labels, classes).entries()) {
    const [first, second, ...others] = takeLarge(pieces);
    if (!second) continue;
    const whole = pieces.reduce((sum, { length }) => sum + length, 0);
    const apart = [second, ...others].reduce((sum, { length }) => sum + length, 0);
    tears.push({ label, share: apart / whole, between: classBetween(places, labels, label, first, second) });
  }
  return tears.sort((a, b) => b.share - a.share);
}

/** The most common of the other classes between the centres of two pieces of a class. */
function classBetween(
  places: Float32Array,
  labels: Uint8Array,
  label: number,
  first: readonly number[],
  second: readonly number[],
): number | null {
  const [a, b] = [first, second].map((piece) => centreOf(places, piece));
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const squared = dx * dx + dy * dy;
  const counts = new Map<number, number>();
  for (const [i, other] of labels.entries()) {
    if (other === label) continue;
    const [x, y] = [places[2 * i] - a.x, places[2 * i + 1] - a.y];
    const along = (x * dx + y * dy) / squared;
    const aside = Math.abs(x * dy - y * dx) / squared;
    if (along >= FROM && along <= TO && aside <= ASIDE) counts.set(other, (counts.get(other) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, m], [, n]) => n - m);
  return most ? most[0] : null;
}

function centreOf(places: Float32Array, piece: readonly number[]) {
  let [x, y] = [0, 0];
  for (const i of piece) {
    x += places[2 * i] / piece.length;
    y += places[2 * i + 1] / piece.length;
  }
  return { x, y };
}
