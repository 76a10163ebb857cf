import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { kindOf, tableColumns } from '../../bundle/kind.ts';
import { WriteError, writeFileAtomic } from '../../bundle/node/atomic.ts';
import { writingReason } from '../../bundle/system-error.ts';
import { CONFIGURATION_VERSION, type Configuration, ConfigurationError } from '../config/schema.ts';
import { Progress } from '../console/progress.ts';
import { quoteWord } from '../console/shell.ts';
import { assertNotInput } from '../data/output/open.ts';
import { dataName } from '../data/readers/formats.ts';
import type { Source } from '../data/source.ts';
import { explainRefusal } from '../data/tables/label.ts';
import { orderClasses } from '../data/tables/label-classes.ts';
import { type Plan, planRun } from '../pipeline/plan.ts';
import { writeGitignore, writeWranglerToml } from './project-files.ts';
import { warnOfServedSize } from './served-size.ts';
import { openDataToInspect } from './training-data.ts';
import { workerName } from './worker-name.ts';

/**
 * Reads data, prints how their columns are treated, and writes a configuration to start with to `out`. Throws a
 * {@link ConfigurationError} if the file exists already, except with `replace`, or there is too little data to train on.
 */
export async function init(
  data: string,
  out: string,
  given: Configuration = {},
  { replace = false } = {},
): Promise<Configuration> {
  if (replace) await assertNotInput(out, data);
  // A file that cannot be written is reported now, not after all data is read.
  await access(out).then(
    () => replace || refuse(out, { code: 'EEXIST' }),
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || refuse(out, error),
  );
  await access(dirname(out), constants.W_OK).catch((error) => refuse(out, error));
  const progress = new Progress();
  const source = await openDataToInspect(data, given, progress);
  let configuration: Configuration;
  try {
    const plan = planRun(source, given);
    for (const line of warnOfServedSize(plan)) progress.warn(line);
    configuration = suggestConfiguration(source, given, plan);
  } finally {
    await source.close();
  }
  const text = `${JSON.stringify({ version: CONFIGURATION_VERSION, ...configuration }, null, 2)}\n`;
  await writeFileAtomic(out, text, { exclusive: !replace }).catch((error) => {
    throw error instanceof WriteError ? refuse(out, error.cause as NodeJS.ErrnoException) : error;
  });
  await writeWranglerToml(workerName(dataName(data)), progress);
  await writeGitignore(progress);
  progress.line(`Wrote ${out}. Next: npx offmanifold train ${quoteWord(data)} --config ${quoteWord(out)}`);
  return configuration;
}

function refuse(out: string, error: { code?: string }): never {
  const why =
    error.code === 'EEXIST'
      ? 'exists already: choose another name with --out, or overwrite it with --replace'
      : `cannot be written: ${writingReason(error, out)}`;
  throw new ConfigurationError(`${out} ${why}`);
}

/** What the data say, and the options that people change first as the preset has them. */
function suggestConfiguration(
  source: Source,
  given: Configuration,
  { preset, training, model }: Plan,
): Configuration {
  const { label, classes, excluded } = source;
  const { seed, epochs, batch, loss, learning_rate } = training;
  const table = kindOf(source) === 'table';
  return {
    ...given,
    ...(table && {
      types: Object.fromEntries(tableColumns(source).map(({ name, kind }) => [name, kind] as const)),
      // A label that cannot be used for now is not left out for ever.
      exclude: excluded.filter((column) => explainRefusal(column) === undefined).map(({ name }) => name),
      ...(label !== null && { label, anomalous: classes[1] }),
      scaling: 'auto' as const,
    }),
    ...(kindOf(source) === 'image' && suggestAnomalous(source, given)),
    preset,
    code: model.code,
    epochs,
    batch,
    loss,
    learning_rate,
    seed,
  };
}

/** The class of anomalous images, if the names of the subfolders say it. */
function suggestAnomalous(
  { classes }: Source,
  { anomalous }: Configuration,
): Pick<Configuration, 'anomalous'> {
  const word = anomalous ?? (classes.length === 2 ? orderClasses(classes, undefined)?.[1] : undefined);
  return word === undefined ? {} : { anomalous: word };
}
