import { open, rm } from 'node:fs/promises';
import type { TableColumn } from '../../bundle/columns.ts';
import { type Configuration, ConfigurationError } from '../configuration.ts';
import type { Source } from '../data/source.ts';
import { resolved } from '../pipeline.ts';
import { Progress } from '../progress.ts';
import { opened } from './train.ts';

/**
 * Looks at data, prints what their columns are taken for, and writes a configuration to start with to `out`. Throws a
 * {@link ConfigurationError} if the file is there already, or the data are too few to train on.
 */
export async function init(data: string, out: string): Promise<Configuration> {
  const file = await open(out, 'wx').catch((error: NodeJS.ErrnoException) => {
    const why =
      error.code === 'EEXIST'
        ? 'is there already: choose another name with --out'
        : `cannot be written (${error.code})`;
    throw new ConfigurationError(`${out} ${why}`);
  });
  let configuration: Configuration | undefined;
  try {
    const progress = new Progress();
    const source = await opened(data, {}, progress);
    try {
      configuration = starter(source);
    } finally {
      await source.close();
    }
    await file.writeFile(`${JSON.stringify(configuration, null, 2)}\n`);
    progress.line(`${out} is written: npx offmanifold train ${data} --config ${out}`);
    return configuration;
  } finally {
    await file.close();
    // Nothing was written: an empty file would be in the way of the next try.
    if (!configuration) await rm(out, { force: true });
  }
}

/** What is found, and the options that people change first, as the preset has them. */
function starter(source: Source): Configuration {
  const { preset, training, model } = resolved(source, {});
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
