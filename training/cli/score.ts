import { type Command, Option } from 'commander';
import { USUAL_SIGNIFICANCE } from '../../bundle/p-value.ts';
import type { ScoreFlags } from '../commands/score.ts';
import { enableCollector } from '../console/collector.ts';
import { STDOUT, WRITTEN } from '../data/output/formats.ts';
import { ACCEPTED } from '../data/readers/formats.ts';
import { refuse } from './faults.ts';
import {
  addExamples,
  createIntegerParser,
  explainFormat,
  formatOption,
  modelOption,
  parseNames,
  parseOutput,
  parseShare,
  threadsOption,
} from './options.ts';

export function addScore(program: Command): void {
  const command = program
    .command('score')
    .summary('score every row of a file, on this machine')
    .description(
      'Score every row of a file on this machine. Writes one output row per input row, in the same order: any --columns, then score, p_value and anomalous.',
    )
    .argument('<file>', `rows like those that the model was trained on: ${ACCEPTED}; - for standard input`)
    .addOption(modelOption())
    .option('--out <file>', WRITTEN, parseOutput, STDOUT)
    .addOption(
      new Option(
        '--significance <level>',
        `a row is anomalous if its p-value is at most this (default: ${USUAL_SIGNIFICANCE}, or the smallest p-value of the model, rounded up, if that is larger)`,
      )
        .argParser(parseShare)
        .conflicts('fdr'),
    )
    .option(
      '--fdr <q>',
      'flag rows at this false discovery rate instead: on average, at most this share of the flagged rows is normal',
      parseShare,
    )
    .option(
      '--explain <n>',
      'add the n features with the largest shares of each score',
      createIntegerParser(0),
      0,
    )
    .option('--detectors', 'add a column for each detector: its surprise in nats')
    .option('--columns <list>', 'columns of the file to copy to the output, such as an id', parseNames)
    .addOption(formatOption())
    .option('--json', 'print a JSON summary to standard output (requires --out FILE)')
    .addOption(threadsOption())
    .action(async (file: string, { model, ...flags }: ScoreFlags & { model: string }) => {
      refuse(command, [
        explainFormat(file, flags.format),
        flags.json &&
          flags.out === STDOUT &&
          '--json needs --out FILE: without it, the rows are on standard output',
      ]);
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
