import { workerData } from 'node:worker_threads';
import { loadKernels } from '../../kernels/kernels.ts';
import { type Assignment, BEGUN, DONE, END } from './assistant.ts';
import { sweepAll } from './rules.ts';

// The thread of an {@link Assistant}: sleeps until a step is asked for, does its part, and says so.
const { memory, sweeps, at, settings, control, step } = workerData as Assignment & {
  control: Int32Array;
  step: Float64Array;
};
const kernels = loadKernels(memory);
for (let done = 0; ; ) {
  Atomics.wait(control, BEGUN, done);
  const asked = Atomics.load(control, BEGUN);
  if (asked === END) break;
  if (asked === done) continue;
  sweepAll(kernels, sweeps, at, settings, step[0], step[1]);
  done = asked;
  Atomics.store(control, DONE, done);
  Atomics.notify(control, DONE);
}
