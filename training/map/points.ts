import { CALIBRATED_SPLIT } from '../../bundle/map.ts';
import type { Random } from '../../kernels/random.ts';
import { SEEN_SPLITS, type SeenRows } from '../data/sources/description.ts';
import type { Samples } from '../network/samples.ts';

/** The points of a map, in its order: test samples, then others. */
export interface ChosenPoints {
  /** Its test samples, by their places in the test split, ascending. */
  readonly tested: Uint32Array;
  /** The others, by their rows in the data, ascending. */
  readonly seen: Uint32Array;
  /** The split of every point. */
  readonly splits: readonly string[];
}

/**
 * Chooses `count` points: all test samples, or a random sample of them if they are more; then all others, or a random
 * sample of those.
 */
export function choosePoints(
  tests: number,
  seen: Pick<SeenRows, 'list'>,
  count: number,
  random: Random,
): ChosenPoints {
  const tested = drawSome(tests, count, random);
  const lists = count > tests ? seen.list() : undefined;
  const all = lists
    ? SEEN_SPLITS.flatMap((split) => [...lists[split]].map((row) => [row, split] as const))
    : [];
  const chosen = Array.from(drawSome(all.length, count - tested.length, random), (place) => all[place]);
  chosen.sort(([a], [b]) => a - b);
  return {
    tested,
    seen: Uint32Array.from(chosen, ([row]) => row),
    splits: [...Array.from(tested, () => CALIBRATED_SPLIT), ...chosen.map(([, split]) => split)],
  };
}

/** Draws some of 0 … count − 1, or all of them if they are no more; ascending. */
function drawSome(count: number, wanted: number, random: Random): Uint32Array {
  const all = new Uint32Array(count).map((_, i) => i);
  return wanted >= count ? all : random.shuffle(all).slice(0, wanted).sort();
}

/** The splits as a list of names and an index into it for each point. */
export function indexSplits(splits: readonly string[]): { splits: string[]; split: Uint8Array } {
  const names = [...new Set(splits)];
  return { splits: names, split: Uint8Array.from(splits, (split) => names.indexOf(split)) };
}

/** The samples of the points, in their order. */
export async function readPoints(
  test: Samples,
  seen: Pick<SeenRows, 'read'>,
  { tested, seen: rows }: ChosenPoints,
): Promise<Samples> {
  const features = test.data.length / test.count;
  if (rows.length === 0 && tested.length === test.count) return test;
  const others = rows.length > 0 ? await seen.read(rows) : { data: test.data.subarray(0, 0), count: 0 };
  const count = tested.length + rows.length;
  const data =
    test.data instanceof Uint8Array ? new Uint8Array(count * features) : new Float32Array(count * features);
  for (const [i, place] of tested.entries()) {
    data.set(test.data.subarray(place * features, (place + 1) * features), i * features);
  }
  data.set(others.data, tested.length * features);
  return { data, count };
}
