import type { Job } from './job.ts';
import { type Report, runMap } from './map-thread.ts';
import { runSearch } from './neighbour-search.ts';
import type { SearchJob } from './search-job.ts';
import { PoolThread, type WorkerContext } from './worker-pool.ts';

/** What the threads of a pool do together. */
export type Task = { readonly search: SearchJob } | { readonly map: Job };

/** Runs one thread of a task, step by step. */
export function* runTask(
  task: Task,
  context: WorkerContext,
  post: (report: Report) => void,
): Generator<void, void> {
  const pool = new PoolThread(context);
  if ('search' in task) runSearch(task.search, pool, context.thread);
  else yield* runMap(task.map, pool, context.thread, post);
}
