import type { Manifest } from '../../bundle/manifest.ts';
import { isTaken, openFolder } from '../../bundle/node/folder.ts';
import { type Configuration, ConfigurationError } from '../config/schema.ts';
import { interruptible } from '../console/interrupt.ts';
import { EventLog } from '../console/log.ts';
import { duration, Progress } from '../console/progress.ts';
import { MNIST } from '../data/readers/formats.ts';
import { openSource, type Source } from '../data/source.ts';
import type { MapOptions } from '../map/map.ts';
import type { TrainingProgress } from '../network/epochs.ts';
import { type PipelineOptions, runPipeline } from '../pipeline/run.ts';
import { assertDevice } from '../runtime/session.ts';
import { columnTable } from './columns.ts';
import { samplesOf } from './compare.ts';
import { plan } from './dry-run.ts';
import type { RunFlags } from './options.ts';
import { remarks } from './remarks.ts';

/** Trains on the data, makes the map and writes the bundle, with progress on standard error. */
export async function train(
  data: string,
  out: string,
  configuration: Configuration,
  flags: Omit<RunFlags, 'resume'> & Pick<PipelineOptions, 'resume'> & { replace?: boolean },
): Promise<Manifest> {
  assertDevice(flags.device ?? 'cpu');
  const progress = new Progress();
  const log = flags.log ? new EventLog(flags.log, !!flags.resume) : undefined;
  const began = performance.now();
  const open = async () => {
    const source = await opened(data, configuration, progress);
    if (!flags.replace) await assertLike(out, source);
    if (flags.verbose) await plan(source, configuration, flags, (line) => progress.line(line));
    log?.write('start', { data: source.name, samples: source.train.count, out });
    return source;
  };
  const manifest = await interruptible((signal) =>
    runPipeline(open, configuration, {
      ...flags,
      out,
      signal,
      onStage(stage) {
        progress.line(stage);
        log?.write('stage', { stage });
      },
      ...trainingProgress(progress, log),
      onMap: mapProgress(progress),
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  progress.line(`${out}: model ${manifest.model_id.slice(0, 12)} in ${duration(seconds)}`);
  for (const [key, value] of Object.entries(manifest.headline))
    progress.line(`  ${key}  ${value.toPrecision(4)}`);
  log?.write('done', { model_id: manifest.model_id, headline: manifest.headline });
  return manifest;
}

/** The data, with progress while a large file is read through, and of a table what its columns are. */
export async function opened(
  data: string,
  configuration: Configuration,
  progress: Progress,
): Promise<Source> {
  if (data !== MNIST) progress.line(`reading ${data}`);
  const source = await openSource(data, configuration, (done, of) =>
    progress.update(`checked ${done.toLocaleString('en')} of ${of.toLocaleString('en')} rows`, done / of),
  );
  for (const line of [...columnTable(source), ...remarks(source)]) progress.line(line);
  return source;
}

/** Throws a {@link ConfigurationError} if a bundle is there that is a model of other data. */
async function assertLike(out: string, source: Source): Promise<void> {
  if (!(await isTaken(out))) return;
  // What cannot be read is no model to keep.
  const found = await openFolder(out).catch(() => undefined);
  if (!found) return;
  const [there, wanted] = [found.manifest.data, source].map(samplesOf);
  if (there === wanted) return;
  await source.close();
  throw new ConfigurationError(
    `${out} holds a model of other data, ${there}; these are ${wanted}: choose another folder with --out, or say --replace`,
  );
}

/** A line of a log a second, as far as there is something new. */
const LOG_EVERY = 1000;

/** Shows the state of training, at the end of an epoch with its own validation loss. */
function trainingProgress(
  progress: Progress,
  log: EventLog | undefined,
): Required<Pick<PipelineOptions, 'onTraining' | 'onEpoch'>> {
  let logged = 0;
  let last: TrainingProgress | undefined;
  const show = (p: TrainingProgress, whole = false) => {
    const parts = [
      `epoch ${p.epoch}/${p.epochs}`,
      `step ${p.steps}`,
      `loss ${short(p.loss)}`,
      ...(p.validationLoss === undefined ? [] : [`validation ${short(p.validationLoss)}`]),
      `rate ${p.learningRate.toExponential(1)}`,
      `${Math.round(p.samplesPerSecond).toLocaleString('en')} samples/s`,
      `${duration(p.secondsLeft)} left`,
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

const short = (loss: number) => (Math.abs(loss) < 10 ? loss.toPrecision(3) : loss.toFixed(2));

/** Shows the state of t-SNE, which reports every 50 iterations. */
export function mapProgress(progress: Progress): NonNullable<MapOptions['onProgress']> {
  let began = 0;
  let first = 0;
  return ({ iteration, iterations, klDivergence }) => {
    if (!began) [began, first] = [performance.now(), iteration];
    const pace = (performance.now() - began) / 1000 / Math.max(1, iteration - first);
    const left = iteration > first ? `${duration(pace * (iterations - iteration))} left` : '';
    const text = `iteration ${iteration}/${iterations}  KL divergence ${klDivergence.toFixed(3)}  ${left}`;
    progress.update(text, iteration / iterations, iteration % 250 === 0);
  };
}
