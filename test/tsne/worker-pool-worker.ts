import { parentPort, workerData } from 'node:worker_threads';
import { PoolThread, type WorkerContext } from '../../tsne/worker-pool.ts';

/** What a thread of the pool under test does, by `behaviour`; `counts` has a number for each block. */
const { control, threads, thread, behaviour, rounds, counts } = workerData as WorkerContext & {
  behaviour: 'work' | 'throw' | 'exit' | 'forever';
  rounds: number;
  counts: Int32Array;
};
const pool = new PoolThread({ control, threads, thread });
const last = threads - 1;

for (let round = 0; behaviour === 'forever' || round < rounds; round++) {
  const carryOn = pool.forEachBlock(counts.length, (block) => {
    // Rounds do not overlap: every block has been done once in each round before.
    if (Atomics.add(counts, block, 1) !== round && behaviour === 'work') throw new Error('rounds overlap');
  });
  if (!carryOn) break;
  if (thread === last && round === 3 && behaviour === 'throw') throw new Error('the sky fell');
  if (thread === last && round === 3 && behaviour === 'exit') process.exit(7);
  if (thread === 0 && round === 3) parentPort?.postMessage('in round 3');
}
