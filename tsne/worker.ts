import { builtin } from '../kernels/host.ts';
import { prepareKernels } from '../kernels/kernels.ts';
import type { Report } from './map-thread.ts';
import { runTask, type Task } from './tasks.ts';
import type { WorkerContext } from './worker-pool.ts';

// A thread of a pool, in Node or in a browser: see threads.ts.

type Data = Task & WorkerContext;

function run(data: Data, post: (report: Report) => void): void {
  const steps = runTask(data, data, post);
  while (!steps.next().done);
}

/** What a browser's worker has. */
interface WebWorker {
  onmessage: (event: { data: Data & { kernels: WebAssembly.Module } }) => void;
  postMessage(message: { report: Report } | { failure: string } | 'done'): void;
}

const node = builtin('node:worker_threads');
if (node) {
  run(node.workerData as Data, (report) => node.parentPort?.postMessage(report));
} else {
  const scope = globalThis as unknown as WebWorker;
  scope.onmessage = async ({ data }) => {
    try {
      await prepareKernels(data.kernels);
      run(data, (report) => scope.postMessage({ report }));
      scope.postMessage('done');
    } catch (error) {
      scope.postMessage({ failure: (error as Error).message });
    }
  };
}
