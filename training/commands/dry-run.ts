import { FUSION_WORDS } from '../../bundle/fusion.ts';
import { kindOf } from '../../bundle/kind.ts';
import { buildTrainingStep } from '../autoencoder/objective.ts';
import { TrainingRun } from '../autoencoder/run.ts';
import type { Configuration } from '../config/schema.ts';
import { formatDuration } from '../console/duration.ts';
import { plural } from '../console/plural.ts';
import { Progress } from '../console/progress.ts';
import type { Source } from '../data/source.ts';
import type { Graph } from '../onnx/graph/graph.ts';
import { measureMemory } from '../onnx/memory.ts';
import { planConvolution, readConvolution } from '../onnx/ops/convolution.ts';
import { describeLayers, type Plan, planRun } from '../pipeline/plan.ts';
import { assertDevice, type SessionOptions } from '../runtime/session.ts';
import { memberName } from '../scorer/ensemble.ts';
import { describeModelRows } from '../scorer/kept-rows.ts';
import { warnOfServedSize } from './served-size.ts';
import { openTrainingData } from './training-data.ts';

/** A step's time is the median of these, after some that warm up. */
const MEASURED = 8;
const WARM_UP = 3;

type Print = (line: string) => void;

/** Prints what a training run would do: architecture, parameters, memory, and the time of a few steps. */
export async function dryRun(
  data: string,
  configuration: Configuration,
  options: SessionOptions & { verbose?: boolean },
): Promise<void> {
  assertDevice(options.device ?? 'cpu');
  const source = await openTrainingData(data, configuration, new Progress());
  try {
    const plan = printPlan(source, configuration, options, console.log);
    const { training } = plan;
    const step = await measureStep(source, configuration, options);
    const steps = Math.ceil(source.train.count / training.batch);
    console.log(
      `time: ${(1000 * step).toPrecision(3)} ms a step, ${formatDuration(step * steps)} an epoch of ${steps} steps, ` +
        `${formatDuration(step * steps * training.epochs)} for ${plural(training.epochs, 'epoch')}; detectors, evaluation and the map come on top`,
    );
    for (const line of warnOfServedSize(plan)) console.log(line);
  } finally {
    await source.close();
  }
}

/** The seconds that a training step takes. */
async function measureStep(
  source: Source,
  configuration: Configuration,
  options: SessionOptions,
): Promise<number> {
  const { training, model } = planRun(source, configuration);
  await using run = await TrainingRun.create(model, source, training, options);
  const seconds: number[] = [];
  for (let i = 0; i < WARM_UP + MEASURED; i++) {
    const began = performance.now();
    await run.step(0, training.batch, 1e-8, i + 1);
    if (i >= WARM_UP) seconds.push((performance.now() - began) / 1000);
  }
  return seconds.sort((a, b) => a - b)[MEASURED >> 1];
}

/** Prints what is known without a measurement, and returns it. */
export function printPlan(
  source: Source,
  configuration: Configuration,
  { verbose = false }: { verbose?: boolean },
  print: Print,
): Plan {
  const plan = planRun(source, configuration);
  const { training, model } = plan;
  const step = buildTrainingStep(model, training, source.scaling, training.micro_batch < training.batch);
  print(describeData(source));
  for (const line of describeModel(plan)) print(line);
  print(describeMemory(plan, step.graph));
  if (verbose) for (const line of describeConvolutions(step.graph)) print(line);
  for (const line of describeTraining(plan)) print(line);
  return plan;
}

function describeData(source: Source): string {
  const { name, train, validation, calibration, test, shape, scaling, encoded } = source;
  const table = kindOf(source) === 'table';
  const size = table
    ? `${plural(shape[0], 'column')}, encoded as ${plural(encoded, 'number')}`
    : shape.join(' × ');
  return (
    `data: ${name}, samples of ${size}: ${train.count} to train on, ${validation.count} to validate, ` +
    `${calibration.count} to calibrate, ${test.count} to test; scaling ${table ? 'by column' : scaling.kind}`
  );
}

function describeModel({ model, preset }: Plan): string[] {
  const { kind, activation, parameters } = model.architecture;
  return [
    `model: ${kind}, ${describeLayers(model)}, ${activation}, preset ${preset}`,
    ...model.parameters
      .filter(({ shape }) => shape.length > 1)
      .map(({ name, shape }) => `  ${name.padEnd(28)} ${shape.join(' × ')}`),
    `parameters: ${parameters.toLocaleString('en')}`,
  ];
}

function describeMemory({ model, training }: Plan, graph: Graph): string {
  const { micro_batch: rows, trim } = training;
  const memory = measureMemory(graph, { N: rows, keep: Math.max(1, Math.round(rows * (1 - trim))) });
  return (
    `memory of a step: ${formatMegabytes(memory.peak)} of intermediate values at the peak ` +
    `(${formatMegabytes(memory.saved)} of activations saved for the gradients), ` +
    `${formatMegabytes(16 * model.architecture.parameters)} of parameters, gradients and moments`
  );
}

function describeTraining({ training, members, fusion, contamination }: Plan): string[] {
  const { optimiser, learning_rate, schedule, loss, batch, epochs, micro_batch } = training;
  const pieces = micro_batch < batch ? ` in pieces of ${micro_batch}` : '';
  const share = `${Number((100 * contamination).toPrecision(3))}%`;
  return [
    `training: ${loss}, ${optimiser} at ${learning_rate} (${schedule}), ${epochs} epochs, batches of ${batch}${pieces}`,
    `detectors: ${members.map(memberName).join(', ')}; ` +
      (members.length > 1 ? `the score is ${FUSION_WORDS[fusion]} of their surprises; ` : '') +
      'fitted ' +
      (contamination > 0 ? `without the most suspicious ${share} of the samples` : 'to all samples'),
    ...describeModelRows(members.map(memberName)),
  ];
}

/** How each convolution of the forward pass is computed, and its gradients. */
function describeConvolutions({ nodes }: Graph): string[] {
  return nodes.flatMap(({ op, inputs, attributes, outputs, pass }) => {
    if ((op !== 'Conv' && op !== 'ConvTranspose') || pass !== 0) return [];
    const { forward, backward, weights } = planConvolution(readConvolution(op, inputs, attributes));
    const [from, to] = [inputs[0], outputs[0]].map(({ shape }) => shape.slice(1).join(' × '));
    const [ahead, back] = op === 'Conv' ? [forward, backward] : [backward, forward];
    return `  ${op} ${from} to ${to}: forward ${ahead}, input gradient ${back}, weight gradient by ${weights}`;
  });
}

const formatMegabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
