import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MNIST } from '../training/data/names.ts';
import { openSource } from '../training/data/source.ts';
import { runPipeline } from '../training/pipeline/pipeline.ts';

/** Trains on MNIST for two epochs, with everything that comes after, and prints when the first step was done. */
let firstStep = 0;
const folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
try {
  const configuration = { epochs: 2 };
  await runPipeline(await openSource(MNIST, configuration), configuration, {
    out: join(folder, 'model'),
    onTraining: () => {
      firstStep ||= Date.now();
    },
  });
} finally {
  await rm(folder, { recursive: true });
}
console.log(JSON.stringify({ firstStep, peakRssMb: process.resourceUsage().maxRSS / 1024 }));
