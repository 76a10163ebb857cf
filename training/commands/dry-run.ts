import { trainingStep } from '../autoencoder/objective.ts';
import { TrainingRun } from '../autoencoder/run.ts';
import type { Configuration } from '../config/schema.ts';
import { duration } from '../console/progress.ts';
import type { Source } from '../data/source.ts';
import type { Graph } from '../onnx/graph/graph.ts';
import { memoryOf } from '../onnx/memory.ts';
import { convolutionOf, convolutionPlan } from '../onnx/ops/convolution.ts';
import { describeLayers, planRun } from '../pipeline/plan.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { memberName } from '../scorer/ensemble.ts';

/** Steps that a step's time is the median of, after some that warm up. */
const MEASURED = 8;
const WARM_UP = 3;

/** Prints what a training run would be: architecture, parameters, memory, and the time of a few steps. */
export async function dryRun(
  source: Source,
  configuration: Configuration,
  options: SessionOptions & { verbose?: boolean },
  print: (line: string) => void,
): Promise<void> {
  await plan(source, configuration, options, print);
  const { training, model } = planRun(source, configuration);
  const rested = { ...training, beta_warmup_epochs: 0 };
  await using run = await TrainingRun.create(model, source, rested, options);
  const seconds: number[] = [];
  for (let i = 0; i < WARM_UP + MEASURED; i++) {
    const began = performance.now();
    await run.step(0, training.batch, 1e-8, i + 1);
    if (i >= WARM_UP) seconds.push((performance.now() - began) / 1000);
  }
  const step = seconds.sort((a, b) => a - b)[MEASURED >> 1];
  const steps = Math.ceil(source.train.count / training.batch);
  print(
    `time: ${(1000 * step).toPrecision(3)} ms a step, ${duration(step * steps)} an epoch of ${steps} steps, ` +
      `${duration(step * steps * training.epochs)} for ${training.epochs} epochs; the map comes on top`,
  );
}

/** The part of it that takes no measurement. */
export async function plan(
  source: Source,
  configuration: Configuration,
  { verbose = false }: { verbose?: boolean },
  print: (line: string) => void,
): Promise<void> {
  const { preset, training, model, members, contamination } = planRun(source, configuration);
  const { train, validation, calibration, test, shape, scaling, encoded } = source;
  const size =
    scaling.kind === 'columns' ? `${shape[0]} columns, ${encoded} numbers to the model` : shape.join(' × ');
  print(
    `data: ${source.name}, samples of ${size}: ${train.count} to train on, ${validation.count} to validate, ` +
      `${calibration.count} to calibrate, ${test.count} to test; scaling ${scaling.kind === 'columns' ? 'by column' : scaling.kind}`,
  );
  const { kind, activation, parameters } = model.architecture;
  print(`model: ${kind}, ${describeLayers(model)}, ${activation}, preset ${preset}`);
  for (const { name, shape: dims } of model.parameters) {
    if (dims.length > 1) print(`  ${name.padEnd(28)} ${dims.join(' × ')}`);
  }
  print(`parameters: ${parameters.toLocaleString('en')}`);
  const step = trainingStep(model, training, scaling, training.micro_batch < training.batch);
  const { micro_batch: rows, trim } = training;
  const memory = memoryOf(step.graph, { N: rows, keep: Math.max(1, Math.round(rows * (1 - trim))) });
  print(
    `memory of a step: ${megabytes(memory.peak)} of intermediate values at the peak ` +
      `(${megabytes(memory.saved)} of activations saved for the gradients), ` +
      `${megabytes(16 * parameters)} of parameters, gradients and moments`,
  );
  if (verbose) for (const line of convolutions(step.graph)) print(line);
  const { optimiser, learning_rate, schedule, loss, batch, epochs, micro_batch } = training;
  print(
    `training: ${loss}, ${optimiser} at ${learning_rate} (${schedule}), ${epochs} epochs, batches of ${batch}` +
      (micro_batch < batch ? ` in pieces of ${micro_batch}` : ''),
  );
  print(
    `detectors: ${members.map(memberName).join(', ')}, fitted ` +
      (contamination > 0
        ? `without the most suspicious ${Number((100 * contamination).toPrecision(3))} % of the samples`
        : 'to all samples'),
  );
}

/** How each convolution of the forward pass is computed, and its gradients. */
function convolutions({ nodes }: Graph): string[] {
  return nodes.flatMap(({ op, inputs, attributes, outputs, pass }) => {
    if ((op !== 'Conv' && op !== 'ConvTranspose') || pass !== 0) return [];
    const { forward, backward, weights } = convolutionPlan(convolutionOf(op, inputs, attributes));
    const [from, to] = [inputs[0], outputs[0]].map(({ shape }) => shape.slice(1).join(' × '));
    const [ahead, back] = op === 'Conv' ? [forward, backward] : [backward, forward];
    return `  ${op} ${from} to ${to}: forward ${ahead}, input gradient ${back}, weight gradient by ${weights}`;
  });
}

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
