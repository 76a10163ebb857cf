import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Target } from '../../bundle/thresholds.ts';
import type { EvaluateFlags } from '../commands/evaluate.ts';
import { enableCollector } from '../console/collector.ts';
import { ACCEPTED } from '../data/readers/formats.ts';
import { refuse } from './faults.ts';
import {
  addExamples,
  explainFormat,
  formatOption,
  modelOption,
  parseShare,
  parseShareOrAll,
  threadsOption,
  toNumber,
} from './options.ts';

interface Flags extends Omit<EvaluateFlags, 'target'> {
  model: string;
  precision?: number;
  recall?: number;
  f1?: true;
  cost?: { false_positive: number; false_negative: number };
}

export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .summary('compare the scores of a labelled file with its labels, and find thresholds')
    .description(
      'Score a labelled file and compare the scores with the labels: AUROC, average precision, and what each significance level finds. With a target, also find the threshold that reaches it.',
    )
    .argument(
      '<file>',
      `labelled rows like those that the model was trained on: ${ACCEPTED}; - for standard input`,
    )
    .addOption(modelOption())
    .option('--label <column>', 'the column with the labels (default: the label of the training data)')
    .option('--anomalous <value>', 'the label of anomalous rows; all other labels are normal')
    .option('--significance <level>', 'another significance level to measure', parseShare)
    .addOption(
      new Option(
        '--precision <share>',
        'find the threshold with the highest recall at this precision or more',
      )
        .argParser(parseShareOrAll)
        .conflicts(['recall', 'f1', 'cost']),
    )
    .addOption(
      new Option('--recall <share>', 'find the threshold with the highest precision at this recall or more')
        .argParser(parseShareOrAll)
        .conflicts(['f1', 'cost']),
    )
    .addOption(
      new Option(
        '--f1',
        'find the threshold with the highest F1, the harmonic mean of precision and recall',
      ).conflicts('cost'),
    )
    .addOption(
      new Option(
        '--cost <fp:fn>',
        'find the threshold with the lowest total cost, given the costs of a false positive and a false negative, such as 1:20',
      ).argParser(parseCosts),
    )
    .addOption(formatOption())
    .option('--json', 'print the result as JSON')
    .addOption(threadsOption())
    .action(async (file: string, { model, precision, recall, f1, cost, ...flags }: Flags) => {
      refuse(command, [explainFormat(file, flags.format)]);
      enableCollector();
      const { evaluate } = await import('../commands/evaluate.ts');
      await evaluate(file, model, { ...flags, target: toTarget({ precision, recall, f1, cost }) });
    });
  addExamples(command, [
    ['evaluate labelled.csv --model models/readings --label fault'],
    ['evaluate labelled.csv --model models/readings --label fault --precision 0.9'],
    ['evaluate labelled.csv --model models/readings --label kind --anomalous attack --cost 1:20'],
    ['evaluate labelled.csv --model models/readings --label fault --json'],
  ]);
}

function toTarget({
  precision,
  recall,
  f1,
  cost,
}: Pick<Flags, 'precision' | 'recall' | 'f1' | 'cost'>): Target | undefined {
  if (precision !== undefined) return { precision };
  if (recall !== undefined) return { recall };
  if (f1) return { f1 };
  return cost && { cost };
}

/** `1:20`: what a false positive and a false negative cost. */
function parseCosts(text: string): NonNullable<Flags['cost']> {
  const costs = text.split(':').map(toNumber);
  const [false_positive, false_negative] = costs;
  if (costs.length !== 2 || !costs.every((cost) => cost > 0 && Number.isFinite(cost))) {
    throw new InvalidArgumentError('Expected two numbers above 0 with a colon between them, such as 1:20.');
  }
  return { false_positive, false_negative };
}
