import { type Command, Option } from 'commander';
import { DEFAULT_SIGNIFICANCE } from '../../bundle/p-value.ts';
import type { ScoreFlags } from '../commands/score.ts';
import { enableCollector } from '../console/collector.ts';
import { STDOUT, WRITTEN } from '../data/output/formats.ts';
import { ACCEPTED } from '../data/readers/formats.ts';
import {
  addExamples,
  assertFormat,
  formatOption,
  integer,
  modelOption,
  names,
  share,
  threadsOption,
} from './options.ts';

export function addScore(program: Command): void {
  const command = program
    .command('score')
    .summary('score every row of a file, on this machine')
    .description(
      'Score every row of a file on this machine. Writes one row for each row, in order: score, p_value and anomalous, after the columns carried through.',
    )
    .argument('<file>', `rows like those that the model was trained on: ${ACCEPTED}; - for standard input`)
    .addOption(modelOption())
    .option('--out <file>', WRITTEN, STDOUT)
    .addOption(
      new Option('--significance <level>', 'a row is anomalous if its p-value is at most this')
        .argParser(share)
        .default(DEFAULT_SIGNIFICANCE)
        .conflicts('fdr'),
    )
    .option(
      '--fdr <q>',
      'instead, a row is anomalous if it is a discovery at this false discovery rate: on average, at most this share of them is normal',
      share,
    )
    .option('--explain <n>', 'add the n features with the largest shares of each score', integer(0), 0)
    .option('--detectors', 'add a column for each detector: its surprise in nats')
    .option('--columns <list>', 'columns of the file to carry through, such as an id', names)
    .addOption(formatOption())
    .option(
      '--json',
      'print a summary as JSON; needs --out FILE, as standard output carries the rows otherwise',
    )
    .addOption(threadsOption())
    .action(async (file: string, { model, ...flags }: ScoreFlags & { model: string }) => {
      assertFormat(command, file, flags.format);
      if (flags.json && flags.out === STDOUT) {
        command.error('error: --json needs --out FILE: without it, the rows are on standard output');
      }
      enableCollector();
      const { score } = await import('../commands/score.ts');
      await score(file, model, flags);
    });
  addExamples(command, [
    ['score readings.csv --model models/readings --out scores.csv --columns id,when'],
    ['score readings.parquet --model models/readings --out scores.parquet --explain 3'],
    ['score photos/ --model models/photos --fdr 0.1 | sort -t, -k3 -g | head'],
    ['score - --model models/readings --out scores.ndjson --json < readings.ndjson'],
  ]);
}
