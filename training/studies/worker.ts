import { parentPort, workerData } from 'node:worker_threads';
import { enableCollector } from '../console/collector.ts';
import type { Answer, CrewData, Request } from './crew.ts';
import { TASKS } from './tasks.ts';

// A thread of a `Crew`: does what it is sent, and sends back how far it is, then what it found.
if ((workerData as CrewData).collects) enableCollector();

const send = (answer: Answer) => parentPort!.postMessage(answer);

parentPort!.on('message', async ({ kind, input }: Request) => {
  const found = await TASKS[kind](input as never, (share) => send({ share }));
  send({ found });
});
