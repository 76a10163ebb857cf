import { workerData } from 'node:worker_threads';
import { loadKernels } from '../../kernels/kernels.ts';
import { sweepAll } from './rules.ts';
import { DONE, END, type ThreadTask, WANTED } from './thread.ts';

// The thread of an {@link OptimiserThread}: it sleeps until a step is requested, does its part, and reports it.
const { memory, sweeps, at, settings, control, step } = workerData as ThreadTask & {
  control: Int32Array;
  step: Float64Array;
};
const kernels = loadKernels(memory);
for (let done = 0; ; ) {
  Atomics.wait(control, WANTED, done);
  const wanted = Atomics.load(control, WANTED);
  if (wanted === END) break;
  if (wanted === done) continue;
  sweepAll(kernels, sweeps, at, settings, step[0], step[1]);
  done = wanted;
  Atomics.store(control, DONE, done);
  Atomics.notify(control, DONE);
}
