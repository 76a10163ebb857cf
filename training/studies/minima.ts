import type { Studies } from '../../bundle/studies.ts';
import { Random } from '../../kernels/random.ts';
import { randomStart, spectralStart } from '../../tsne/starts.ts';
import type { Neighbours } from '../../tsne/tsne.ts';
import type { Labelled } from '../classifiers/classifier.ts';
import { selectRows } from '../runtime/rows.ts';
import { componentsOf, embed, findNear, PERPLEXITY } from './embed.ts';
import type { Material, ReportProgress } from './study.ts';
import { findTears, type Tear } from './tears.ts';

type Minima = Pick<Studies['map'], 'splits' | 'torn'>;

/**
 * Sizes of the maps, how many sets of digits there are of each, and what a map costs. Small ones are repeated, as each may be
 * stuck by chance.
 */
const SIZES = [
  { points: 1000, sets: 6, cost: 0.4 },
  { points: 5000, sets: 4, cost: 1.3 },
  { points: 20_000, sets: 2, cost: 5 },
  { points: 60_000, sets: 1, cost: 18 },
];
const QUICK_SIZES = [
  { points: 200, sets: 2, cost: 1 },
  { points: 600, sets: 1, cost: 3 },
];

/** Enough to see what is torn: a map grows after early exaggeration, but hardly changes. */
const ITERATIONS = 500;
const QUICK_ITERATIONS = 300;

const STARTS = ['PCA', 'random', 'spectral'] as const;
type Start = (typeof STARTS)[number];

/** Points of a torn map that are kept, at most, and the levels of their coordinates. */
const KEPT = 3000;
const LEVELS = 1000;

const STREAM = 34;

interface Attempt {
  readonly start: Start;
  readonly places: Float32Array;
  readonly tears: readonly Tear[];
}

/**
 * How often t-SNE tears a class into several pieces, a local minimum, by the number of digits and by where it starts; and the
 * worst torn map of the largest size at which one is torn, with a map of the same digits from another start that tears that class less.
 */
export async function studyMinima(material: Material, report: ReportProgress): Promise<Minima> {
  const { codes, quick, seed } = material;
  const { classes } = codes.train;
  const sizes = (quick ? QUICK_SIZES : SIZES).filter(({ points }) => points <= codes.train.n);
  const whole = sizes.reduce((sum, { sets, cost }) => sum + sets * cost * STARTS.length, 0);
  let done = 0;
  const splits: Minima['splits'] = [];
  /** On a larger map: on small ones, all digits lie close together. */
  let worst: { share: number; torn: NonNullable<Minima['torn']> } | undefined;
  for (const { points, sets, cost } of sizes) {
    const counts = STARTS.map(() => new Array<number>(classes).fill(0));
    for (let set = 0; set < sets; set++) {
      const digits = drawDigits(codes.train, points, Random.stream(seed, STREAM, points, set));
      const neighbours = await findNear(digits, material);
      const maps: Attempt[] = [];
      for (const [s, start] of STARTS.entries()) {
        const from = await placesOf(start, digits, neighbours, material, set);
        const { places, near } = await embed(
          neighbours,
          from,
          quick ? QUICK_ITERATIONS : ITERATIONS,
          material,
          (share) =>
            report(
              `${points} digits, set ${set + 1} of ${sets}, start: ${start}`,
              (done + share * cost) / whole,
            ),
        );
        const tears = findTears(places, near, digits.labels, classes);
        for (const { label } of tears) counts[s][label]++;
        maps.push({ start, places, tears });
        done += cost;
      }
      const found = findWorst(maps);
      if (found && (points !== worst?.torn.points || found.share > worst.share)) {
        worst = { share: found.share, torn: keepTorn(found, digits.labels) };
      }
    }
    for (const [s, start] of STARTS.entries()) {
      const by_class = counts[s];
      const split_share = by_class.reduce((a, b) => a + b, 0) / (sets * classes);
      splits.push({ points, start, maps: sets, split_share, by_class });
    }
  }
  return { splits, torn: worst?.torn ?? null };
}

/** Some of the digits in an order of their own. */
function drawDigits(digits: Labelled, count: number, random: Random): Labelled {
  const rows = random.shuffle(Uint32Array.from({ length: digits.n }, (_, i) => i)).subarray(0, count);
  return {
    ...digits,
    ...selectRows(digits, rows),
    labels: Uint8Array.from(rows, (row) => digits.labels[row]),
  };
}

async function placesOf(
  start: Start,
  digits: Labelled,
  neighbours: Neighbours,
  material: Material,
  set: number,
): Promise<Float32Array> {
  if (start === 'PCA') return componentsOf(digits, material);
  if (start === 'spectral') return spectralStart(neighbours, { perplexity: PERPLEXITY });
  return randomStart(digits.n, 2, Random.stream(material.seed, STREAM, digits.n, set, 1).bits());
}

/** The worst tear of the maps of the same digits that another of them mends: tears less, or not at all. */
function findWorst(maps: readonly Attempt[]) {
  let worst: { torn: Attempt; tear: Tear; mended: Attempt; share: number } | undefined;
  for (const torn of maps) {
    for (const tear of torn.tears) {
      const left = ({ tears }: Attempt) => tears.find(({ label }) => label === tear.label)?.share ?? 0;
      const mended = maps.reduce((best, map) => (left(map) < left(best) ? map : best));
      const share = tear.share - left(mended);
      if (share > (worst?.share ?? 0)) worst = { torn, tear, mended, share };
    }
  }
  return worst;
}

function keepTorn(
  { torn, tear, mended }: { torn: Attempt; tear: Tear; mended: Attempt },
  labels: Uint8Array,
): NonNullable<Minima['torn']> {
  const kept = Math.min(labels.length, KEPT);
  return {
    points: labels.length,
    label: tear.label,
    share: tear.share,
    between: tear.between,
    labels: [...labels.subarray(0, kept)],
    maps: [torn, mended].map(({ start, places, tears }) => ({
      start,
      torn: tears.map(({ label }) => label),
      ...quantise(places, kept),
    })),
  };
}

/** The first places as whole numbers from 0 to 1000, in the square around all. */
function quantise(places: Float32Array, kept: number): { x: number[]; y: number[] } {
  const axes = [0, 1].map((axis) => places.filter((_, p) => p % 2 === axis));
  const bounds = axes.map((values) => {
    const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    return { middle: (low + high) / 2, extent: high - low };
  });
  const extent = Math.max(...bounds.map((bound) => bound.extent)) || 1;
  const [x, y] = axes.map((values, axis) =>
    Array.from(values.subarray(0, kept), (value) =>
      Math.round(LEVELS * ((value - bounds[axis].middle) / extent + 0.5)),
    ),
  );
  return { x, y };
}
