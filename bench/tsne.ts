import { parseReport } from '../bundle/report.ts';
import { buildMap } from '../training/map/map.ts';
import { openTrained } from './bundle.ts';
import type { Bench, Log } from './harness.ts';

/** Points and iterations of the short form. */
const QUICK = { points: 2000, iterations: 400 };

/** The map of the test digits from their codes, as training makes it: neighbours, PCA, t-SNE, files. */
export const bench: Bench = {
  title: 't-SNE of the 10,000 test codes',
  targets: { codes_10k_s: { atMost: 60 }, knn_accuracy_10k: { atLeast: 0.9 } },
  async run(log) {
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
  },
  quick: {
    targets: { knn_accuracy_2k: { atLeast: 0.85 } },
    async run(log) {
      const { seconds, report } = await mapOf(log, QUICK);
      return { codes_2k_s: seconds, knn_accuracy_2k: report.knn_accuracy! };
    },
  },
};

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
