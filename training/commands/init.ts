import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TableColumn } from '../../bundle/column-schema.ts';
import { WriteError, writeFileAtomic } from '../../bundle/node/atomic.ts';
import { reason } from '../../bundle/system-error.ts';
import { type Configuration, ConfigurationError } from '../config/schema.ts';
import { Progress } from '../console/progress.ts';
import type { Source } from '../data/source.ts';
import { planRun } from '../pipeline/plan.ts';
import { opened } from './train.ts';

/**
 * Looks at data, prints what their columns are taken for, and writes a configuration to start with to `out`. Throws a
 * {@link ConfigurationError} if the file is there already, or the data are too few to train on.
 */
export async function init(data: string, out: string): Promise<Configuration> {
  // Says at once, not after all data are read, that the file cannot be written.
  await access(out).then(
    () => refuse(out, { code: 'EEXIST' }),
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || refuse(out, error),
  );
  await access(dirname(out), constants.W_OK).catch((error) => refuse(out, error));
  const progress = new Progress();
  const source = await opened(data, {}, progress);
  let configuration: Configuration;
  try {
    configuration = starter(source);
  } finally {
    await source.close();
  }
  const text = `${JSON.stringify(configuration, null, 2)}\n`;
  await writeFileAtomic(out, text, { exclusive: true }).catch((error) => {
    throw error instanceof WriteError ? refuse(out, error.cause as NodeJS.ErrnoException) : error;
  });
  progress.line(`${out} is written: npx offmanifold train ${data} --config ${out}`);
  return configuration;
}

function refuse(out: string, error: { code?: string }): never {
  const why =
    error.code === 'EEXIST'
      ? 'is there already: choose another name with --out'
      : `cannot be written: ${reason(error)}`;
  throw new ConfigurationError(`${out} ${why}`);
}

/** What is found, and the options that people change first, as the preset has them. */
function starter(source: Source): Configuration {
  const { preset, training, model } = planRun(source, {});
  const { scaling, label, classes, excluded } = source;
  const { seed, epochs, batch, loss, learning_rate } = training;
  const kinds = (columns: readonly TableColumn[]) =>
    Object.fromEntries(columns.map(({ name, kind }) => [name, kind] as const));
  return {
    ...(scaling.kind === 'columns' && {
      types: kinds(scaling.columns),
      exclude: excluded.map(({ name }) => name),
      ...(label !== null && { label, anomalous: classes[1] }),
      scaling: 'auto' as const,
    }),
    preset,
    code: model.code,
    epochs,
    batch,
    loss,
    learning_rate,
    seed,
  };
}
