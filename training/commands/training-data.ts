import type { Configuration } from '../config/schema.ts';
import type { Progress } from '../console/progress.ts';
import { MNIST } from '../data/readers/formats.ts';
import { assertMnist } from '../data/readers/mnist.ts';
import { openSource, type Source } from '../data/source.ts';
import { LabelQuestion } from '../data/tables/label-question.ts';
import { assertNames } from '../scorer/members.ts';
import { formatColumns } from './columns.ts';
import { findWarnings } from './warnings.ts';

/**
 * Opens data to train on. Shows progress while a large file is read, then how each column of a table is treated, and
 * warnings. The caller closes the source. Throws a ConfigurationError, before anything is read, if there are no such detectors.
 */
export async function openTrainingData(
  data: string,
  configuration: Configuration,
  progress: Progress,
): Promise<Source> {
  assertNames(configuration.detectors);
  if (data === MNIST) assertMnist();
  showPath(data, progress);
  const source = await openWithProgress(data, configuration, progress);
  return showData(source, findWarnings(source), progress);
}

/** Like {@link openTrainingData}, but answers a question about labels: see {@link openAnswered}. */
export async function openDataToInspect(
  data: string,
  configuration: Configuration,
  progress: Progress,
): Promise<Source> {
  showPath(data, progress);
  const { source, warnings } = await openAnswered(configuration, (answered) =>
    openWithProgress(data, answered, progress),
  );
  return showData(source, warnings, progress);
}

/**
 * Opens data, although it is not known what some columns are. A column that may be the label or a feature becomes the label or is left out, with a
 * warning.
 */
export async function openAnswered(
  configuration: Configuration,
  open: (answered: Configuration) => Promise<Source>,
): Promise<{ source: Source; warnings: string[] }> {
  try {
    const source = await open(configuration);
    return { source, warnings: findWarnings(source) };
  } catch (error) {
    if (!(error instanceof LabelQuestion)) throw error;
    const { label, anomalous, exclude = [] } = error.answer;
    const source = await open({
      ...configuration,
      ...error.answer,
      exclude: [...(configuration.exclude ?? []), ...exclude],
    });
    const left =
      exclude.length === 0 ? [] : [`${exclude.join(', ')} ${exclude.length === 1 ? 'is' : 'are'} left out`];
    const taken = label === undefined ? [] : [`${label} is the label and ${anomalous} is anomalous`];
    const answer = [...taken, ...left].join(', and ');
    return { source, warnings: [`${error.message}; for now, ${answer}`, ...findWarnings(source)] };
  }
}

function openWithProgress(data: string, configuration: Configuration, progress: Progress): Promise<Source> {
  return openSource(data, configuration, (done, of) =>
    progress.update(`checked ${done.toLocaleString('en')} of ${of.toLocaleString('en')} rows`, done / of),
  );
}

/** Columns that are shown before training. */
const MOST_COLUMNS = 100;

function showPath(data: string, progress: Progress): void {
  if (data !== MNIST) progress.line(`reading ${data}`);
}

function showData(source: Source, warnings: readonly string[], progress: Progress): Source {
  if (source.summary) progress.line(source.summary);
  for (const line of formatColumns(source, MOST_COLUMNS)) progress.line(line);
  for (const line of warnings) progress.warn(line);
  return source;
}
