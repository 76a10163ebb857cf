import { parentPort, workerData } from 'node:worker_threads';
import { Scorer } from './scorer.ts';
import type { ThreadModel, ThreadTask } from './scorer-threads.ts';

// A thread of `ScorerThreads`: scores what it is sent, and sends back what it finds.
const { model, outputs } = workerData as ThreadModel;
const scorer = await Scorer.loadKept(model, outputs);
parentPort!.on('message', async ({ samples, count }: ThreadTask) => {
  const found = await scorer.run(samples, count);
  parentPort!.postMessage(
    found,
    Object.values(found).map(({ buffer }) => buffer as ArrayBuffer),
  );
});
