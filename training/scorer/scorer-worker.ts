import { parentPort, workerData } from 'node:worker_threads';
import { Scorer } from './scorer.ts';
import { END, type ThreadModel, type ThreadTask } from './scorer-threads.ts';

// A thread of `ScorerThreads`: scores what it is sent, and sends back what it finds.
const { model, outputs } = workerData as ThreadModel;
const scorer = await Scorer.loadKept(model, outputs);
// A batch begins when the one before it is answered: a long one takes several turns, and a short one would overtake it.
let last = Promise.resolve();
let ended = false;
parentPort!.on('message', (task: ThreadTask | typeof END) => {
  ended ||= task === END;
  last = last.then(() => (task === END ? end() : answer(task)));
});

async function end(): Promise<void> {
  await scorer.release();
  parentPort!.close();
}

async function answer({ samples, count }: ThreadTask): Promise<void> {
  if (ended) return;
  const found = await scorer.run(samples, count);
  parentPort!.postMessage(
    found,
    Object.values(found).map(({ buffer }) => buffer as ArrayBuffer),
  );
}
