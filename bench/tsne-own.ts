import { readFileSync } from 'node:fs';
import { measureVotes } from '../training/linear/vote.ts';
import { FixedMap } from '../tsne/fixed-map.ts';
import { findNeighbours } from '../tsne/neighbours.ts';
import { tsne } from '../tsne/tsne.ts';

/**
 * Maps points with t-SNE, alone in a process, so that its memory can be read. Arguments: a file of n × d floats, another
 * of n labels, d, the number of iterations, and the axes of the map. Prints the seconds from points to map, the seconds of the
 * neighbours among them, the KL divergence, the accuracy of a vote of ten neighbours, the peak memory in MB, and the
 * milliseconds that it takes to place each of 1,000 points again.
 */
const [pointsFile, labelsFile, d, iterations, axes] = process.argv.slice(2);
const dims = axes === '3' ? 3 : 2;
const file = readFileSync(pointsFile);
const values = new Float32Array(file.buffer, file.byteOffset, file.byteLength / 4);
const labels = new Uint8Array(readFileSync(labelsFile));
const n = labels.length;
const PERPLEXITY = 30;
const PLACED = 1000;

const began = performance.now();
const neighbours = await findNeighbours({ values, n, d: Number(d) }, 3 * PERPLEXITY, {});
const found = performance.now();
const start = Float32Array.from(
  { length: dims * n },
  (_, p) => values[Math.floor(p / dims) * Number(d) + (p % dims)],
);
const { embedding, klDivergence } = await tsne(neighbours, start, {
  perplexity: PERPLEXITY,
  dims,
  iterations: Number(iterations),
  onProgress: ({ iteration, klDivergence: kl }) =>
    console.error(`${n} points, iteration ${iteration}: KL divergence ${kl.toFixed(4)}`),
});
const ended = performance.now();
const peakRssMb = process.resourceUsage().maxRSS / 1024;
const accuracy = measureVotes(await findNeighbours({ values: embedding, n, d: dims }, 10, {}), labels, 10);
const placing = performance.now();
const { k, indices, distances } = neighbours;
new FixedMap(embedding, { dims }).place({
  k,
  indices: indices.slice(0, PLACED * k),
  distances: distances.slice(0, PLACED * k),
});
const placed = performance.now();
console.log(
  JSON.stringify({
    seconds: (ended - began) / 1000,
    neighbours: (found - began) / 1000,
    kl: klDivergence.at(-1)!.value,
    accuracy,
    peakRssMb,
    placeMs: (placed - placing) / PLACED,
  }),
);
