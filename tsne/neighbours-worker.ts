import { workerData } from 'node:worker_threads';
import { runSearch, type SearchJob } from './neighbour-search.ts';
import { PoolThread, type WorkerContext } from './worker-pool.ts';

const { control, threads, thread, ...job } = workerData as SearchJob & WorkerContext;
runSearch(job, new PoolThread({ control, threads, thread }), thread);
