import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { KernelMemory } from '../../../kernels/kernels.ts';
import { OptimiserThread, type ThreadTask } from '../../../training/optimiser/thread.ts';

const FLOATS = 100_000;

/** SGD with rate 1 and gradient 1 over the same weights, `times` times in each step. */
function task(times: number): { task: ThreadTask; w: Float32Array } {
  const memory = new KernelMemory(8 * FLOATS + 1024);
  const [w, g] = [memory.f32(FLOATS), memory.f32(FLOATS).fill(1)];
  const at = { w: memory.pointer(w), g: memory.pointer(g), m: 0, v: 0 };
  const settings = {
    optimiser: 'sgd',
    momentum: 0,
    beta1: 0,
    beta2: 0,
    epsilon: 1e-7,
    weight_decay: 0,
  } as const;
  const sweeps = Array.from({ length: times }, () => ({ start: 0, length: FLOATS, decay: false }));
  return { task: { memory: memory.memory, sweeps, at, settings }, w };
}

test('a step is finished when its part is done, late or not', async () => {
  const { task: once, w } = task(1);
  using thread = new OptimiserThread(once);
  for (let t = 1; t <= 500; t++) {
    thread.begin(1, t);
    await thread.finish();
    expect(w[FLOATS - 1]).toBe(-t);
  }
});

test('the event loop runs while the caller waits for a slow thread', async () => {
  const { task: slow, w } = task(20_000);
  using thread = new OptimiserThread(slow);
  thread.begin(1, 1);
  let [finished, turns] = [false, 0];
  const done = Promise.resolve(thread.finish()).then(() => {
    finished = true;
  });
  for (; !finished; turns++) await nextTurn();
  await done;
  expect(turns).toBeGreaterThan(10);
  expect(w[0]).toBe(-20_000);
});

test('a step that begins before the last one is finished is refused', async () => {
  using thread = new OptimiserThread(task(1).task);
  thread.begin(1, 1);
  expect(() => thread.begin(1, 2)).toThrow('begins before the last one is finished');
  await thread.finish();
});

describe('a thread that fails', () => {
  /** It writes past the end of the memory. */
  function failing(): OptimiserThread {
    const { task: fine } = task(1);
    return new OptimiserThread({ ...fine, sweeps: [{ start: 2 ** 30, length: 4, decay: false }] });
  }

  test('rejects the step with its own error and stack, within a second', async () => {
    using thread = failing();
    // Once another thread has done a step, this one has started too.
    using other = new OptimiserThread(task(1).task);
    other.begin(1, 1);
    await other.finish();
    const began = performance.now();
    thread.begin(1, 1);
    const error = await Promise.resolve(thread.finish()).catch((reason) => reason);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(error.message).toBe('memory access out of bounds');
    expect(error.stack).toMatch(/wasm.*[\s\S]*rules\.ts.*[\s\S]*worker\.ts/);
  });

  test('refuses further steps with the same error', async () => {
    using thread = failing();
    thread.begin(1, 1);
    const error = await Promise.resolve(thread.finish()).catch((reason) => reason);
    expect(() => thread.begin(1, 2)).toThrow(error);
    await expect(thread.finish()).rejects.toBe(error);
  });
});
