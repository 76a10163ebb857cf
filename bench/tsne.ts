import { parseReport } from '../bundle/report.ts';
import { buildMap } from '../training/map/map.ts';
import { trainedBundle } from './bundle.ts';
import type { Bench } from './harness.ts';

/** The map of the 10,000 test digits from their codes, as training makes it: neighbours, PCA, t-SNE, files. */
export const bench: Bench = {
  title: 't-SNE of the 10,000 test codes',
  targets: { codes_10k_s: { atMost: 60 }, knn_accuracy_10k: { atLeast: 0.9 } },
  async run(log) {
    const { bundle, scorer, source } = await trainedBundle();
    const { test, ids, labels, classes } = source;
    const { code, score, p_value } = await scorer.run(test.data, test.count, ['code', 'score', 'p_value']);
    const { architecture, map } = bundle.manifest;
    const began = performance.now();
    const { report } = await buildMap(
      { codes: code, dims: architecture.code, ids, labels, classes, score, p_value },
      {
        perplexity: map.perplexity,
        iterations: map.iterations,
        onProgress: ({ iteration, iterations, klDivergence }) =>
          log(`iteration ${iteration} of ${iterations}: KL divergence ${klDivergence.toFixed(4)}`),
      },
    );
    const seconds = (performance.now() - began) / 1000;
    const figures = {
      codes_10k_s: seconds,
      knn_accuracy_10k: report.knn_accuracy!,
      code_knn_accuracy_10k: report.code_knn_accuracy!,
      kl_divergence: report.kl_divergence.at(-1)!.value,
    };
    const reported = parseReport(await bundle.json('report.json')).map;
    if (bundle.manifest.map.points === test.count && reported.knn_accuracy !== figures.knn_accuracy_10k) {
      throw new Error(
        `knn_accuracy is ${figures.knn_accuracy_10k}, report.json says ${reported.knn_accuracy}`,
      );
    }
    return figures;
  },
};
