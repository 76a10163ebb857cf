import { readFileSync } from 'node:fs';
import { measureVotes } from '../training/linear/vote.ts';
import { findNeighbours } from '../tsne/neighbours.ts';
import { tsne } from '../tsne/tsne.ts';

/**
 * Maps points with t-SNE, alone in a process, so that its memory can be read. Arguments: a file of n × d floats, another
 * of n labels, d, and the number of iterations. Prints the seconds from points to map, the seconds of the neighbours
 * among them, the KL divergence, the accuracy of a vote of ten neighbours, and the peak memory in MB.
 */
const [pointsFile, labelsFile, d, iterations] = process.argv.slice(2);
const file = readFileSync(pointsFile);
const values = new Float32Array(file.buffer, file.byteOffset, file.byteLength / 4);
const labels = new Uint8Array(readFileSync(labelsFile));
const n = labels.length;
const PERPLEXITY = 30;

const began = performance.now();
const neighbours = await findNeighbours({ values, n, d: Number(d) }, 3 * PERPLEXITY, {});
const found = performance.now();
const start = Float32Array.from({ length: 2 * n }, (_, p) => values[Math.floor(p / 2) * Number(d) + (p % 2)]);
const { embedding, klDivergence } = await tsne(neighbours, start, {
  perplexity: PERPLEXITY,
  iterations: Number(iterations),
  onProgress: ({ iteration, klDivergence: kl }) =>
    console.error(`${n} points, iteration ${iteration}: KL divergence ${kl.toFixed(4)}`),
});
const ended = performance.now();
const peakRssMb = process.resourceUsage().maxRSS / 1024;
const accuracy = measureVotes(await findNeighbours({ values: embedding, n, d: 2 }, 10, {}), labels, 10);
console.log(
  JSON.stringify({
    seconds: (ended - began) / 1000,
    neighbours: (found - began) / 1000,
    kl: klDivergence.at(-1)!.value,
    accuracy,
    peakRssMb,
  }),
);
