import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import ort from 'onnxruntime-node';
import { type Engine, SCORER_INPUT } from '../../bundle/scorer.ts';
import { createApp } from '../../functions/app.ts';
import { openModel } from '../../functions/model/model.ts';

// Serves the routes of the Worker on Node, with onnxruntime-node on one thread: `node node-server.ts MODEL`. Prints its port.

const [, , folder = ''] = process.argv;

async function createEngine(bytes: Uint8Array): Promise<Engine> {
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  return {
    name: 'onnxruntime-node',
    async run(samples, n, outputs) {
      const input = new ort.Tensor('float32', samples, [n, samples.length / n]);
      const results = await session.run({ [SCORER_INPUT]: input }, outputs as readonly string[]);
      return Object.fromEntries(outputs.map((name) => [name, results[name]!.data])) as never;
    },
  };
}

const model = openModel((name) => readFile(join(folder, name)), createEngine);
await model.engine();
serve({ fetch: createApp(model).fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => console.log(port));
