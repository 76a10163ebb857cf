import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MNIST } from '../training/data/readers/formats.ts';
import { openSource } from '../training/data/source.ts';
import { runPipeline } from '../training/pipeline/run.ts';

/**
 * Trains a bundle on MNIST for two epochs and prints when the first step was done. With the argument `quick`, on few
 * images for one epoch.
 */
const configuration =
  process.argv[2] === 'quick' ? { epochs: 1, limit: 2000, map_points: 300, iterations: 260 } : { epochs: 2 };
let firstStep = 0;
const folder = await mkdtemp(join(tmpdir(), 'offmanifold-'));
try {
  await runPipeline(() => openSource(MNIST, configuration), configuration, {
    out: join(folder, 'model'),
    onTraining: () => {
      firstStep ||= Date.now();
    },
  });
} finally {
  await rm(folder, { recursive: true });
}
console.log(JSON.stringify({ firstStep, peakRssMb: process.resourceUsage().maxRSS / 1024 }));
