import { fileURLToPath } from 'node:url';
import { openFolder } from '../bundle/folder.ts';
import { loadMnist } from '../training/data/mnist.ts';
import { nearestNeighbours } from '../training/neighbours.ts';
import { Pca } from '../training/pca.ts';
import { Scorer } from '../training/scorer.ts';
import { knnAccuracy } from '../training/tsne/knn-accuracy.ts';
import { tsne } from '../training/tsne/tsne.ts';
import type { Bench } from './harness.ts';

const BUNDLE = fileURLToPath(new URL('../models/mnist', import.meta.url));
const PERPLEXITY = 30;

/** The map of the 10,000 test digits from their codes: neighbours, initial places, affinities and t-SNE. */
export const bench: Bench = {
  title: 't-SNE of the 10,000 test codes',
  targets: { codes_10k_s: { atMost: 60 }, knn_accuracy_10k: { atLeast: 0.9 } },
  async run(log) {
    const bundle = await openFolder(BUNDLE);
    const { data, labels, count } = await loadMnist('test');
    log(`coding ${count} digits with ${BUNDLE}`);
    const scorer = await Scorer.load(await bundle.file('scorer.onnx'));
    const { code } = await scorer.run(data, count, ['code']);
    await scorer.release();
    const dims = code.length / count;

    const began = performance.now();
    const neighbours = await nearestNeighbours(code, count, dims, 3 * PERPLEXITY);
    const found = performance.now();
    log(`neighbours: ${((found - began) / 1000).toFixed(1)} s`);
    const rows = (start: number, size: number, target: Float32Array) =>
      target.set(code.subarray(start * dims, (start + size) * dims));
    const pca = await Pca.fit(rows, count, dims, 2);
    const { coordinates } = await pca.project(rows, count);
    const { embedding, klDivergence } = await tsne(neighbours, coordinates, {
      perplexity: PERPLEXITY,
      onProgress: ({ iteration, iterations, klDivergence: kl }) => {
        if (iteration % 250 === 0)
          log(`iteration ${iteration} of ${iterations}: KL divergence ${kl.toFixed(4)}`);
      },
    });
    const ended = performance.now();
    return {
      codes_10k_s: (ended - began) / 1000,
      neighbours_s: (found - began) / 1000,
      kl_divergence: klDivergence.at(-1)!.value,
      knn_accuracy_10k: knnAccuracy(embedding, count, 2, labels),
      code_knn_accuracy_10k: knnAccuracy(code, count, dims, labels),
    };
  },
};
