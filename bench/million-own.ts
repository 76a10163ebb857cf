import { Random } from '../kernels/random.ts';
import { DATA_DEFAULTS } from '../training/config/presets.ts';
import { Pca } from '../training/linear/pca.ts';
import { findNeighboursBy } from '../tsne/metrics.ts';
import { findNeighbours } from '../tsne/neighbours.ts';
import { tsne } from '../tsne/tsne.ts';

/**
 * Maps n points as `offmanifold map` does, alone in a process, so that its memory can be read. Arguments: n. Prints what is
 * measured as JSON, and on standard error how far it is.
 *
 * The points lie in 100 clusters in 50 dimensions, Gaussian around centres of their own. The standard deviations of a cluster fall
 * as those of principal components do, so that points have near neighbours, as data have: with equal ones, all
 * points of a cluster would be about equally far apart.
 */
const n = Number(process.argv[2]);
const [CLUSTERS, D, SEED] = [100, 50, 1];
const { perplexity } = DATA_DEFAULTS;
const K = 3 * perplexity;

/** Rows whose neighbours are compared with the true ones. */
const SAMPLED = 1000;

const say = (line: string) => console.error(`${n} points: ${line}`);
const seconds = () => performance.now() / 1000;

/** Seconds of all processors so far, which other work on the machine hardly changes. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** n × 50 values. */
function drawClusters(): Float32Array {
  const random = new Random(SEED);
  const centres = Float64Array.from({ length: CLUSTERS * D }, () => 3 * random.normal());
  const deviations = Float64Array.from({ length: CLUSTERS * D }, () => 2 ** (-6 * random.uniform()));
  const values = new Float32Array(n * D);
  for (let i = 0; i < n; i++) {
    const cluster = D * random.below(CLUSTERS);
    for (let j = 0; j < D; j++) {
      values[i * D + j] = centres[cluster + j] + deviations[cluster + j] * random.normal();
    }
  }
  return values;
}

/** The share of the true neighbours of some rows, evenly spaced, that has been found. */
function measureRecall(values: Float32Array, found: Int32Array): number {
  const count = Math.min(n, SAMPLED);
  const rows = Array.from({ length: count }, (_, i) => Math.floor((i * n) / count));
  const queries = new Float32Array(count * D);
  for (const [at, i] of rows.entries()) queries.set(values.subarray(i * D, (i + 1) * D), at * D);
  // The nearest row to a row is itself.
  const truth = findNeighboursBy('euclidean', { values, n, d: D }, K + 1, {
    values: queries,
    n: count,
    d: D,
  });
  let shared = 0;
  for (const [at, i] of rows.entries()) {
    const own = new Set(found.subarray(i * K, (i + 1) * K));
    for (const j of truth.indices.subarray(at * (K + 1), (at + 1) * (K + 1))) shared += Number(own.has(j));
  }
  return shared / (count * K);
}

const points = { values: drawClusters(), n, d: D };
const [began, cpuBegan] = [seconds(), cpuSeconds()];
const neighbours = await findNeighbours(points, K, { search: 'approximate' });
const found = seconds();
say(`neighbours ${(found - began).toFixed(1)} s`);
const start = (await (await Pca.fit(points, 2)).project(points)).coordinates;
const times = new Map<number, { wall: number; cpu: number }>();
const { klDivergence } = await tsne(neighbours, start, {
  perplexity,
  onProgress({ iteration, iterations, klDivergence: kl }) {
    times.set(iteration, { wall: seconds(), cpu: cpuSeconds() });
    say(
      `iteration ${iteration} of ${iterations}, ${(seconds() - began).toFixed(0)} s: KL divergence ${kl.toFixed(4)}`,
    );
  },
});
const [ended, cpuEnded] = [seconds(), cpuSeconds()];
const peakRssGb = process.resourceUsage().maxRSS / 2 ** 20;
const reports = [...times.keys()];
const last = reports.at(-1)!;
/** Milliseconds of an iteration, from one report to another. */
const iterationMs = (from: number, to: number, clock: 'wall' | 'cpu' = 'wall') =>
  (1000 * (times.get(to)![clock] - times.get(from)![clock])) / (to - from);
console.log(
  JSON.stringify({
    seconds: ended - began,
    neighbours: found - began,
    cpu: cpuEnded - cpuBegan,
    iterationCpuMs: iterationMs(50, last, 'cpu'),
    iterationMs: iterationMs(50, last),
    firstMs: iterationMs(50, 150),
    lastMs: iterationMs(last - 100, last),
    kl: klDivergence.at(-1)!.value,
    peakRssGb,
    recall: measureRecall(points.values, neighbours.indices),
  }),
);
