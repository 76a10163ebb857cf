import { existsSync } from 'node:fs';
import { describeModelInput } from '../../bundle/comparison.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { isTaken, openFolder } from '../../bundle/node/folder.ts';
import { findTableFormat } from '../../bundle/tables/formats.ts';
import { type Configuration, ConfigurationError } from '../config/schema.ts';
import { formatDuration } from '../console/duration.ts';
import { interruptible } from '../console/interrupt.ts';
import { EventLog } from '../console/log.ts';
import { Progress } from '../console/progress.ts';
import { quoteWord } from '../console/shell.ts';
import { assertNotInput } from '../data/output/open.ts';
import type { Source } from '../data/source.ts';
import type { MapOptions } from '../map/map.ts';
import type { TrainingProgress } from '../network/epochs.ts';
import { checkpointPath } from '../pipeline/checkpoints.ts';
import { planRun } from '../pipeline/plan.ts';
import { type PipelineOptions, runPipeline } from '../pipeline/run.ts';
import { Interruption } from '../runtime/interruption.ts';
import { assertDevice } from '../runtime/session.ts';
import { describeModelRows } from '../scorer/kept-rows.ts';
import { printPlan } from './dry-run.ts';
import { warnOfServedSize } from './served-size.ts';
import { openTrainingData } from './training-data.ts';

/** How a training run goes; nothing here changes what is learned. */
export interface TrainFlags
  extends Pick<PipelineOptions, 'resume' | 'checkpointEvery' | 'threads' | 'device'> {
  /** The file that events are written to. */
  log?: string;
  /** The file that the configuration was read from. */
  config?: string;
  verbose?: boolean;
  /** Whether a model with other columns, or for samples of another shape, may be overwritten. */
  replace?: boolean;
  /** Whether to print what the run made as JSON on standard output. */
  json?: boolean;
  /** Whether to say at the end what to do with the bundle. */
  showNext?: boolean;
}

/** Trains on the data, makes the map and writes the bundle, with progress on standard error. */
export async function train(
  data: string,
  out: string,
  configuration: Configuration,
  flags: TrainFlags,
): Promise<Manifest> {
  assertDevice(flags.device ?? 'cpu');
  const progress = new Progress();
  const log = flags.log ? await openLog(flags.log, data, flags) : undefined;
  const began = performance.now();
  const open = async () => {
    await using resources = new AsyncDisposableStack();
    const source = resources.use(await openTrainingData(data, configuration, progress));
    if (!flags.replace) await assertSameShape(out, source);
    for (const line of warnOfServedSize(planRun(source, configuration))) progress.warn(line);
    if (!flags.resume && existsSync(checkpointPath(out))) {
      progress.warn(
        `${out}.checkpoint, which an interrupted run left, will be replaced; --resume continues that run instead`,
      );
    }
    if (flags.verbose) printPlan(source, configuration, flags, (line) => progress.line(line));
    log?.write('start', { data: source.name, samples: source.train.count, out });
    // From here on the pipeline closes it.
    resources.move();
    return source;
  };
  const train = (signal: AbortSignal) =>
    runPipeline(open, configuration, {
      ...flags,
      out,
      signal,
      onStage(stage) {
        progress.line(stage);
        log?.write('stage', { stage });
      },
      onWarning(warning) {
        progress.warn(warning);
        log?.write('warning', { warning });
      },
      ...showTraining(progress, log),
      onMap: showMap(progress),
    });
  const manifest = await interruptible(train).catch((error) => {
    throw error instanceof Interruption ? new Interruption(adviseResuming(out, flags.resume)) : error;
  });
  const { model_id, headline } = manifest;
  const seconds = (performance.now() - began) / 1000;
  progress.line(`${out}: model ${model_id.slice(0, 12)} in ${formatDuration(seconds)}`);
  for (const [key, value] of Object.entries(headline)) progress.line(`  ${key}  ${value.toPrecision(4)}`);
  const members = manifest.scorer.detectors.map(({ name }) => name);
  for (const line of describeModelRows(members)) progress.line(line);
  log?.write('done', { model_id, headline });
  if (flags.showNext) for (const line of suggestNext(data, out)) progress.line(line);
  if (flags.json) console.log(JSON.stringify({ model_id, folder: out, headline, seconds }, null, 2));
  return manifest;
}

/** Opens the log. Throws a {@link DataError} if it is a file that the run reads. */
async function openLog(path: string, data: string, { config, resume }: TrainFlags): Promise<EventLog> {
  for (const input of [data, config ?? []].flat()) await assertNotInput(path, input, '--log');
  return new EventLog(path, !!resume);
}

/** How to go on with a run that was stopped. */
function adviseResuming(out: string, resume: TrainFlags['resume']): string {
  if (!existsSync(checkpointPath(out))) return 'run the same command again; nothing was trained yet';
  return resume === 'if there'
    ? 'run the same command again to continue'
    : 'run the same command with --resume to continue';
}

/** What to do with a new bundle, as commands to copy. */
function suggestNext(data: string, out: string): string[] {
  const model = quoteWord(out);
  const isTable = findTableFormat(data) !== undefined;
  return [
    '',
    `The bundle is in ${out}. Next:`,
    `  npx offmanifold serve --model ${model}    the API and the dashboard on this machine`,
    `  npx offmanifold score ${isTable ? 'NEW.csv' : 'NEW'} --model ${model} --out scores.csv    scores ${isTable ? 'rows' : 'samples'} that training did not see`,
  ];
}

/** Throws a {@link ConfigurationError} if the folder holds a model with other columns, or for samples of another shape. */
async function assertSameShape(out: string, source: Source): Promise<void> {
  if (!(await isTaken(out))) return;
  // A bundle that cannot be read is not worth keeping.
  const found = await openFolder(out).catch(() => undefined);
  if (!found) return;
  const [there, wanted] = [found.manifest.data, source].map(describeModelInput);
  if (there === wanted) return;
  throw new ConfigurationError(
    `${out} holds a model for ${there}; the new data is ${wanted}: choose another folder with --out, or overwrite it with --replace`,
  );
}

/** At most one such line a second is written to the log. */
const LOG_EVERY = 1000;

/** Shows the state of training, at the end of each epoch with its validation loss. */
function showTraining(
  progress: Progress,
  log: EventLog | undefined,
): Required<Pick<PipelineOptions, 'onTraining' | 'onEpoch'>> {
  let logged = 0;
  let last: TrainingProgress | undefined;
  const show = (p: TrainingProgress, whole = false) => {
    const parts = [
      `epoch ${p.epoch}/${p.epochs}`,
      `step ${p.steps}`,
      `loss ${formatLoss(p.loss)}`,
      ...(p.validationLoss === undefined ? [] : [`validation ${formatLoss(p.validationLoss)}`]),
      `rate ${p.learningRate.toExponential(1)}`,
      `${Math.round(p.samplesPerSecond).toLocaleString('en')} samples/s`,
      `${formatDuration(p.secondsLeft)} left`,
    ];
    progress.update(parts.join('  '), (p.epoch - 1 + p.done / p.of) / p.epochs, whole);
  };
  return {
    onTraining(p) {
      last = p;
      show(p);
      if (!log || performance.now() - logged < LOG_EVERY) return;
      logged = performance.now();
      const { epoch, steps, loss, learningRate, samplesPerSecond, secondsLeft } = p;
      log.write('step', {
        epoch,
        step: steps,
        loss,
        learning_rate: learningRate,
        samples_per_second: samplesPerSecond,
        seconds_left: secondsLeft,
      });
    },
    onEpoch(report) {
      if (last) show({ ...last, validationLoss: report.validation_loss }, true);
      log?.write('epoch', { ...report });
    },
  };
}

const formatLoss = (loss: number) => (Math.abs(loss) < 10 ? loss.toPrecision(3) : loss.toFixed(2));

/** Shows the state of t-SNE, which reports every 50 iterations. */
export function showMap(progress: Progress): NonNullable<MapOptions['onProgress']> {
  let began = 0;
  let first = 0;
  return ({ iteration, iterations, klDivergence }) => {
    if (!began) [began, first] = [performance.now(), iteration];
    const pace = (performance.now() - began) / 1000 / Math.max(1, iteration - first);
    const left = iteration > first ? `${formatDuration(pace * (iterations - iteration))} left` : '';
    const text = `iteration ${iteration}/${iterations}  KL divergence ${klDivergence.toFixed(3)}  ${left}`;
    progress.update(text, iteration / iterations, iteration % 250 === 0);
  };
}
