import { readFileSync } from 'node:fs';
// @ts-expect-error: it has no types
import TSNE from 'tsne-js';

/**
 * t-SNE by tsne-js. Arguments: a file of n × d floats, n, d, and the number of iterations. All iterations take as long as
 * each other, so it runs 60 of them, and prints the seconds that all would have taken.
 */
const [file, n, d, iterations] = process.argv.slice(2);
const bytes = readFileSync(file);
const values = new Float32Array(bytes.buffer, bytes.byteOffset, Number(n) * Number(d));
const data = Array.from({ length: Number(n) }, (_, i) =>
  Array.from(values.subarray(i * Number(d), (i + 1) * Number(d))),
);

function time(nIter: number): number {
  const model = new TSNE({
    dim: 2,
    perplexity: 30,
    earlyExaggeration: 12,
    learningRate: 200,
    nIter,
    metric: 'euclidean',
  });
  const began = performance.now();
  model.init({ data, type: 'dense' });
  model.run();
  return (performance.now() - began) / 1000;
}

const [few, more] = [time(10), time(60)];
const seconds = few + ((Number(iterations) - 10) * (more - few)) / 50;
// The library prints its iterations on standard output as well.
process.stdout.write(`\n${JSON.stringify({ seconds })}`);
