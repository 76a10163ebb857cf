import { compareScores, type ScoreComparison } from '../../bundle/comparison.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { isCalibrated, nameIds, type Points } from './dataset.ts';

/** What tells the points of a map from one another, and their scores. */
export interface Scored {
  keys: readonly (string | number)[];
  score: Float64Array;
  pValue: Float64Array;
}

/** The rows that two maps both have, as points of each, and how two models' scores for them differ. */
export interface SharedRows {
  first: Uint32Array;
  second: Uint32Array;
  scores: ScoreComparison;
}

/** Finds the rows that two maps both have, in the order of the first map. A key that several points share tells none. */
export function compareShared(first: Scored, second: Scored, significance: number): SharedRows {
  const [ours, theirs] = [placesOf(first.keys), placesOf(second.keys)];
  const pairs = [...ours].flatMap(([key, i]) => {
    const j = theirs.get(key);
    return i < 0 || j === undefined || j < 0 ? [] : [[i, j] as const];
  });
  const shared = [Uint32Array.from(pairs, ([i]) => i), Uint32Array.from(pairs, ([, j]) => j)] as const;
  const [a, b] = [first, second].map(({ score, pValue }, k) => ({
    score: Float64Array.from(shared[k]!, (i) => score[i]!),
    p: Float64Array.from(shared[k]!, (i) => pValue[i]!),
  }));
  return { first: shared[0], second: shared[1], scores: compareScores(a!, b!, significance) };
}

/** Each key's point; -1 if several points have it. */
function placesOf(keys: Scored['keys']): Map<string | number, number> {
  const places = new Map<string | number, number>();
  for (const [i, key] of keys.entries()) places.set(key, places.has(key) ? -1 : i);
  return places;
}

const MNIST = 'MNIST';

type Described = Parameters<typeof nameIds>[0] & { data: Pick<Manifest['data'], 'name' | 'splits'> };

/**
 * What tells which rows two maps both have: the columns of ids that both keep, else the number of the row (no columns) if
 * both were made from the same data; undefined if neither will do.
 */
export function chooseKey(first: Described, second: Described): string[] | undefined {
  const ids = nameIds(first).filter((name) => nameIds(second).includes(name));
  return ids.length > 0 || sameData(first, second) ? ids : undefined;
}

/** MNIST has the same rows even where a model was trained on some of them. */
const sameData = (first: Described, second: Described) =>
  first.data.name === second.data.name &&
  (first.data.name === MNIST || countRows(first) === countRows(second));

const countRows = ({ data }: Described) => Object.values(data.splits).reduce((sum, count) => sum + count, 0);

/** The number of each point's row; rows of MNIST's two files, which count from 0 each, are told apart. */
export const rowNumbers = (points: Pick<Points, 'id' | 'split' | 'splits'>, name: string): number[] =>
  Array.from(points.id, (id, i) => (name === MNIST && !isCalibrated(points, i) ? -1 - id : id));
