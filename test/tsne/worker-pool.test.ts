import { describe, expect, it } from 'vitest';
import { startNodeThread } from '../../tsne/threads.ts';
import { runThreads } from '../../tsne/worker-pool.ts';

const start = startNodeThread(new URL('./worker-pool-worker.ts', import.meta.url));
const newCounts = () => new Int32Array(new SharedArrayBuffer(4 * 10));
const ignore = () => {};

describe('a pool of worker threads', () => {
  it('does every block once in each round, with a barrier between the rounds', async () => {
    for (const threads of [1, 3]) {
      const counts = newCounts();
      await runThreads(start, { behaviour: 'work', rounds: 500, counts }, { threads, onMessage: ignore });
      expect(Array.from(counts)).toEqual(new Array(10).fill(500));
    }
  });

  it('stops when one throws, and says what it threw', async () => {
    const data = { behaviour: 'throw', rounds: 1e9, counts: newCounts() };
    await expect(runThreads(start, data, { threads: 3, onMessage: ignore })).rejects.toThrow(
      /^t-SNE failed in a worker thread: the sky fell$/,
    );
  });

  it('stops when one exits', async () => {
    const data = { behaviour: 'exit', rounds: 1e9, counts: newCounts() };
    await expect(runThreads(start, data, { threads: 3, onMessage: ignore })).rejects.toThrow(
      /^t-SNE failed: a worker thread ended with exit code 7$/,
    );
  });

  it('stops when the signal is aborted, before or during the run', async () => {
    const data = { behaviour: 'forever', rounds: 0, counts: newCounts() };
    const controller = new AbortController();
    const onMessage = () => controller.abort(new Error('enough'));
    const { signal } = controller;
    const expected = { name: 'AbortError', cause: { message: 'enough' } };
    await expect(runThreads(start, data, { threads: 2, onMessage, signal })).rejects.toMatchObject(expected);
    await expect(runThreads(start, data, { threads: 2, onMessage: ignore, signal })).rejects.toMatchObject(
      expected,
    );
  });

  it('stops when the listener throws, with its error', async () => {
    const data = { behaviour: 'forever', rounds: 0, counts: newCounts() };
    const onMessage = () => {
      throw new Error('no more, please');
    };
    await expect(runThreads(start, data, { threads: 2, onMessage })).rejects.toThrow(/^no more, please$/);
  });
});
