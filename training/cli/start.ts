import type { Command } from 'commander';
import { ENGINES } from '../../bundle/scorer.ts';
import type { TrainFlags } from '../commands/train.ts';
import { enableCollector } from '../console/collector.ts';
import { ACCEPTED, dataName, MNIST } from '../data/readers/formats.ts';
import { addBuildOptions } from './build.ts';
import {
  addExamples,
  defer,
  hostOption,
  modelOption,
  openOption,
  portOption,
  replaceOption,
} from './options.ts';
import type { ServeFlags } from './serve.ts';
import type { RunFlags } from './training-options.ts';

type Flags = TrainFlags & RunFlags & ServeFlags & { model?: string; retrain?: boolean };

export function addStart(program: Command): void {
  const command = program
    .command('start')
    .summary('train if there is no bundle yet, then serve it (same as npm start)')
    .description(
      'Train if there is no bundle yet, then serve it: from nothing to a dashboard with one command. `npm start` does the same.',
    )
    .argument('[data]', ACCEPTED, MNIST);
  addBuildOptions(command, ENGINES, modelOption({ derived: "models/NAME, from the data's file name" }))
    .addOption(hostOption())
    .addOption(portOption())
    .addOption(openOption())
    .option('--retrain', 'train even if there is a bundle')
    .addOption(replaceOption())
    .action(async (data: string, options: Flags) => {
      const {
        model = `models/${dataName(data)}`,
        host,
        port,
        open,
        engine,
        apiOnly,
        weights,
        trainedOn = data === MNIST ? undefined : data,
        retrain,
        ...flags
      } = options;
      const { assertNotServed } = await import('../commands/build.ts');
      const { assertFree } = await import('../commands/address.ts');
      const { serve } = await import('../commands/serve.ts');
      await assertNotServed();
      await assertFree({ host, port });
      const { isTaken } = await import('../../bundle/node/folder.ts');
      if (retrain || !(await isTaken(model))) {
        enableCollector();
        const { readOptions } = await import('./training-options.ts');
        const { train } = await import('../commands/train.ts');
        await train(data, model, await readOptions({ ...flags }), { ...flags, resume: 'if there' });
      }
      await serve(model, { host, port, open, engine, apiOnly, weights, trainedOn });
    });
  addExamples(command, [
    ['start', 'MNIST'],
    ['start readings.csv --label fault', 'a table of your own'],
    ['start readings.csv --retrain --epochs 200', 'train again, then serve'],
  ]);
  defer(command, async () => (await import('./training-options.ts')).addTrainingOptions(command));
}
