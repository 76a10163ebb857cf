import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseReport } from '../bundle/report.ts';
import { loadMnist } from '../training/data/readers/mnist.ts';
import { Pca } from '../training/linear/pca.ts';
import { buildMap } from '../training/map/map.ts';
import { openTrained } from './bundle.ts';
import type { Bench, Log } from './harness.ts';
import { measureLive } from './tsne-live.ts';
import { type PointsFile, timeFitSne, timeScikitLearn, timeTsneJs } from './tsne-peers.ts';

/** Points and iterations of the short form. */
const QUICK = { points: 2000, iterations: 400 };

/** Principal components of the digits, and iterations, as the peers' own benchmarks have them. */
const COMPONENTS = 50;
const ITERATIONS = 750;

/**
 * The map of the test digits from their codes, as training makes it, and t-SNE of the training digits' principal
 * components, from points to map, beside peers on the same points.
 */
export const bench: Bench = {
  title: 't-SNE on MNIST',
  targets: {
    codes_10k_s: { atMost: 60 },
    knn_accuracy_10k: { atLeast: 0.9 },
    fitsne_10k_over_ours: { atLeast: 5 },
    fitsne_60k_over_ours: { atLeast: 2.5 },
    sklearn_10k_over_ours: { atLeast: 6.7 },
    tsnejs_2k_over_ours: { atLeast: 300 },
    kl_60k: { atMost: 2.8 },
    accuracy_10k: { atLeast: 0.945 },
    accuracy_60k: { atLeast: 0.972 },
    peak_rss_mb: { atMost: 700 },
    live_iterations_per_s: { atLeast: 20 },
    tsne_60k_3d_over_2d: { atMost: 4 },
    transform_ms: { atMost: 5 },
  },
  async run(log) {
    return { ...(await measureCodes(log)), ...(await compareWithPeers(log)), ...(await measureLive(log)) };
  },
  quick: {
    targets: { knn_accuracy_2k: { atLeast: 0.85 } },
    async run(log) {
      const { seconds, report } = await mapOf(log, QUICK);
      return { codes_2k_s: seconds, knn_accuracy_2k: report.knn_accuracy! };
    },
  },
};

/** The map of the test digits from their codes, as training makes it. Throws if the report of the bundle says otherwise. */
export async function measureCodes(log: Log) {
  const { seconds, report, reported } = await mapOf(log);
  if (reported !== undefined && reported !== report.knn_accuracy) {
    throw new Error(`knn_accuracy is ${report.knn_accuracy}, report.json says ${reported}`);
  }
  return {
    codes_10k_s: seconds,
    knn_accuracy_10k: report.knn_accuracy!,
    code_knn_accuracy_10k: report.code_knn_accuracy!,
    kl_divergence: report.kl_divergence.at(-1)!.value,
  };
}

/** Maps the first test digits, all of them by default; `reported` is what the bundle's report says for the same map. */
async function mapOf(
  log: Log,
  { points = Number.POSITIVE_INFINITY, iterations }: Partial<typeof QUICK> = {},
) {
  const { bundle, scorer, source } = await openTrained();
  const n = Math.min(points, source.test.count);
  const data = source.test.data.subarray(0, n * source.features);
  const { code, score, p_value } = await scorer.run(data, n, ['code', 'score', 'p_value']);
  const { architecture, map } = bundle.manifest;
  const { ids, labels, classes } = source;
  const began = performance.now();
  const { report } = await buildMap(
    {
      codes: code,
      dims: architecture.code,
      ids: ids.subarray(0, n),
      splits: new Array<string>(n).fill('test'),
      tested: n,
      labels: labels?.subarray(0, n),
      classes,
      score,
      p_value,
    },
    {
      perplexity: map.perplexity,
      iterations: iterations ?? map.iterations,
      onProgress: ({ iteration, iterations, klDivergence }) =>
        log(`iteration ${iteration} of ${iterations}: KL divergence ${klDivergence.toFixed(4)}`),
    },
  );
  const seconds = (performance.now() - began) / 1000;
  await scorer.release();
  const inBundle = parseReport(await bundle.json('report.json')).map.knn_accuracy;
  return { seconds, report, reported: map.points === n ? inBundle : undefined };
}

/** What our own run prints. */
interface Own {
  readonly seconds: number;
  readonly neighbours: number;
  readonly kl: number;
  readonly accuracy: number;
  readonly peakRssMb: number;
  readonly placeMs: number;
}

async function compareWithPeers(log: Log): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-tsne-'));
  try {
    const [two, ten, sixty] = await Promise.all([2000, 10_000, 60_000].map((n) => writeDigits(folder, n)));
    const own2 = await runOwn(two, log);
    const js = await timeTsneJs(two, log);
    const own10 = await runOwn(ten, log);
    const fit10 = await timeFitSne(ten, log);
    const sklearn = await timeScikitLearn(ten, log);
    const own60 = await runOwn(sixty, log);
    const fit60 = await timeFitSne(sixty, log);
    const space60 = await runOwn(sixty, log, 3);
    return {
      tsne_2k_s: own2.seconds,
      tsne_10k_s: own10.seconds,
      tsne_60k_s: own60.seconds,
      neighbours_60k_s: own60.neighbours,
      tsne_60k_3d_s: space60.seconds,
      tsne_60k_3d_over_2d: space60.seconds / own60.seconds,
      transform_ms: own60.placeMs,
      iteration_10k_ms: iterationMs(own10),
      iteration_60k_ms: iterationMs(own60),
      iteration_exponent: Math.log(iterationMs(own60) / iterationMs(own10)) / Math.log(6),
      kl_10k: own10.kl,
      kl_60k: own60.kl,
      accuracy_10k: own10.accuracy,
      accuracy_60k: own60.accuracy,
      peak_rss_mb: own60.peakRssMb,
      ...(js !== undefined && { tsnejs_2k_over_ours: js / own2.seconds }),
      ...(fit10 !== undefined && { fitsne_10k_over_ours: fit10 / own10.seconds }),
      ...(sklearn !== undefined && { sklearn_10k_over_ours: sklearn / own10.seconds }),
      ...(fit60 !== undefined && { fitsne_60k_over_ours: fit60 / own60.seconds }),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An iteration in milliseconds, with its share of what comes before the first. */
const iterationMs = ({ seconds, neighbours }: Own) => (1000 * (seconds - neighbours)) / ITERATIONS;

/** Writes the principal components and the labels of the first n training digits. */
async function writeDigits(folder: string, n: number): Promise<PointsFile & { labels: string }> {
  const digits = await loadMnist('train');
  const d = digits.width * digits.height;
  const values = Float32Array.from(digits.data.subarray(0, n * d), (value) => value / 255);
  const pca = await Pca.fit({ values, n, d }, COMPONENTS, {});
  const { coordinates } = await pca.project({ values, n, d }, {});
  const [path, labels] = [join(folder, `points-${n}`), join(folder, `labels-${n}`)];
  await writeFile(path, coordinates);
  await writeFile(labels, digits.labels.subarray(0, n));
  return { path, labels, n, d: COMPONENTS, iterations: ITERATIONS };
}

async function runOwn(
  { path, labels, n, d, iterations }: PointsFile & { labels: string },
  log: Log,
  dims = 2,
) {
  const file = fileURLToPath(new URL('./tsne-own.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    file,
    path,
    labels,
    `${d}`,
    `${iterations}`,
    `${dims}`,
  ]);
  const own = JSON.parse(stdout) as Own;
  log(
    `ours, ${n} points${dims === 3 ? ' in space' : ''}: ${own.seconds.toFixed(1)} s, of which neighbours ${own.neighbours.toFixed(1)} s; ` +
      `KL divergence ${own.kl.toFixed(4)}, accuracy ${own.accuracy.toFixed(4)}, ${own.peakRssMb.toFixed(0)} MB`,
  );
  return own;
}
