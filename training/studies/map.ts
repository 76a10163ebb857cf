import { Random } from '../../kernels/random.ts';
import { findNeighbours } from '../../tsne/neighbours.ts';
import { tsne } from '../../tsne/tsne.ts';
import { mean } from '../evaluate/metrics.ts';
import { COLUMNS, drawRows } from '../evaluate/pictures.ts';
import { countLargePieces } from './clusters.ts';
import { type Material, type Study, takeFirst } from './study.ts';
import { fitQuadratic, measureTilt } from './tilt.ts';

/** Sizes of the maps. Small ones are repeated, as each may be stuck by chance. */
const SIZES = [
  { points: 1000, maps: 6, cost: 2 },
  { points: 3000, maps: 4, cost: 8 },
  { points: 10_000, maps: 2, cost: 30 },
];
const QUICK_SIZES = [
  { points: 200, maps: 2, cost: 1 },
  { points: 600, maps: 1, cost: 3 },
];

const PERPLEXITY = 30;
const ITERATIONS = 1000;
const QUICK_ITERATIONS = 300;

/** Neighbours on the map that connect the points of a class into pieces. */
const CONNECTED = 10;

/** The digit whose tilt is measured. */
const ONE = 1;
const STREAM = 33;

/**
 * t-SNE from random starts: how often a class is split into several pieces, as in a local minimum, for different numbers
 * of points; and whether the tilt of the ones varies smoothly over the largest map.
 */
export const mapStudy: Study<'map'> = {
  key: 'map',
  title: 'maps',
  expected: 45,
  async run(material, report) {
    const { codes, quick } = material;
    const sizes = (quick ? QUICK_SIZES : SIZES).filter(({ points }) => points <= codes.test.n);
    const whole = sizes.reduce((sum, { maps, cost }) => sum + maps * cost, 0);
    let done = 0;
    const splits = [];
    let places = new Float32Array(0);
    for (const { points, maps, cost } of sizes) {
      const { labels, classes } = takeFirst(codes.test, points);
      const by_class = new Array<number>(classes).fill(0);
      for (let map = 0; map < maps; map++) {
        places = await embedCodes(material, points, map, (share) =>
          report(`map ${map + 1} of ${maps} with ${points} points`, (done + share * cost) / whole),
        );
        const neighbours = await findNeighbours({ values: places, n: points, d: 2 }, CONNECTED, {
          threads: material.threads,
        });
        for (const [label, pieces] of countLargePieces(neighbours, labels, classes).entries()) {
          if (pieces > 1) by_class[label]++;
        }
        done += cost;
      }
      const split_share = by_class.reduce((a, b) => a + b, 0) / (maps * classes);
      splits.push({ points, maps, split_share, by_class });
    }
    return { splits, tilt: await measureTilts(material, places) };
  },
};

/** A map of the first test codes, points × 2. */
async function embedCodes(
  { codes, quick, seed, threads, signal }: Material,
  points: number,
  map: number,
  onProgress: (share: number) => void,
): Promise<Float32Array<ArrayBuffer>> {
  const random = Random.stream(seed, STREAM, points, map);
  const neighbours = await findNeighbours(takeFirst(codes.test, points), 3 * PERPLEXITY, { threads });
  const start = Float32Array.from({ length: 2 * points }, () => random.normal());
  const { embedding } = await tsne(neighbours, start, {
    perplexity: PERPLEXITY,
    iterations: quick ? QUICK_ITERATIONS : ITERATIONS,
    threads,
    signal,
    onProgress: ({ iteration, iterations }) => onProgress(iteration / iterations),
  });
  return Float32Array.from(embedding);
}

/** How well a one's place on the map predicts its tilt, and a picture of ones ordered by the predicted tilt. */
async function measureTilts({ test, shape, pictures }: Material, places: Float32Array) {
  const { d: dims } = test;
  const ones = Array.from(test.labels.subarray(0, places.length / 2).keys()).filter(
    (i) => test.labels[i] === ONE,
  );
  const image = (i: number) => test.values.subarray(i * dims, (i + 1) * dims);
  const tilts = Float32Array.from(ones, (i) => measureTilt(image(i), shape));
  const own = Float32Array.from(ones.flatMap((i) => [places[2 * i], places[2 * i + 1]]));
  const { predictions, rSquared } = fitQuadratic(own, tilts);
  const order = ones.map((_, at) => at).sort((a, b) => predictions[a] - predictions[b] || a - b);
  const row = new Float32Array(COLUMNS * dims);
  for (let column = 0; column < COLUMNS; column++) {
    const at = order[Math.round((column * (order.length - 1)) / (COLUMNS - 1))];
    row.set(image(ones[at]), column * dims);
  }
  pictures.set('study-tilt.webp', await drawRows([row], shape));
  const middle = mean(tilts);
  const deviation = Math.sqrt(mean(tilts.map((value) => (value - middle) ** 2)));
  return { label: String(ONE), points: ones.length, deviation, r_squared: rSquared };
}
