import { Random } from '../../kernels/random.ts';
import { findNeighbours } from '../../tsne/neighbours.ts';
import { toShared } from '../../tsne/shared-arrays.ts';
import { randomStart } from '../../tsne/starts.ts';
import { tsne } from '../../tsne/tsne.ts';
import { perceptron } from '../classifiers/perceptron.ts';
import type { Matrix } from '../runtime/rows.ts';
import type { Crew } from './crew.ts';
import { IMAGE_METHOD } from './tasks.ts';

/** What most of a study's time goes into: training networks in a crew, or neighbours and t-SNE. */
export type Work = 'training' | 'maps';

/** How many times as long each kind of work takes here as on the machine that the studies' expected seconds are from. */
export type Pace = Readonly<Record<Work, number>>;

/** The seconds of the samples on that machine, two cores of an AMD EPYC. */
const REFERENCE: Pace = { training: 1, maps: 0.65 };

const SEED = 1;
const SHAPE = [28, 28];

/** Measures how fast this machine is now with a sample of each kind of work, in some seconds. */
export async function measurePace(crew: Crew, threads?: number): Promise<Pace> {
  // Before anything is measured, the threads load what they run.
  await trainSamples(crew, 100);
  const training = await time(() => trainSamples(crew, 6000));
  const maps = await time(() => drawMap(threads));
  return { training: training / REFERENCE.training, maps: maps / REFERENCE.maps };
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** An epoch of both kinds of networks in each thread, the convolutional one on a quarter of the rows, since it takes longer. */
async function trainSamples(crew: Crew, rows: number): Promise<void> {
  const jobs = [
    { method: perceptron.name, n: rows },
    { method: IMAGE_METHOD, n: rows / 4 },
  ].flatMap(({ method, n }) => {
    const samples = { ...drawRows(n, SHAPE[0] * SHAPE[1]), labels: new Uint8Array(n), classes: 10 };
    const input = { method, train: samples, test: samples, shape: SHAPE, seed: SEED, epochs: 1 };
    return Array.from({ length: crew.size }, () => ({ what: method, cost: 1, input }));
  });
  await crew.runAll('classifier', jobs, () => {});
}

async function drawMap(threads?: number): Promise<void> {
  const rows = drawRows(5000, 8);
  const neighbours = await findNeighbours(rows, 90, { threads });
  await tsne(neighbours, randomStart(rows.n, 2, SEED), { iterations: 100, threads });
}

function drawRows(n: number, d: number): Matrix {
  const random = new Random(SEED);
  return { values: toShared(Float32Array.from({ length: n * d }, () => random.uniform())), n, d };
}
