import type { Configuration } from '../config/schema.ts';
import type { Progress } from '../console/progress.ts';
import { MNIST } from '../data/readers/formats.ts';
import { openSource, type Source } from '../data/source.ts';
import { formatColumns } from './columns.ts';
import { findWarnings } from './warnings.ts';

/**
 * Opens data to train on. Shows progress while a large file is read, then how each column of a table is treated, and
 * warnings. The caller closes the source.
 */
export async function openTrainingData(
  data: string,
  configuration: Configuration,
  progress: Progress,
): Promise<Source> {
  if (data !== MNIST) progress.line(`reading ${data}`);
  const source = await openSource(data, configuration, (done, of) =>
    progress.update(`checked ${done.toLocaleString('en')} of ${of.toLocaleString('en')} rows`, done / of),
  );
  for (const line of formatColumns(source)) progress.line(line);
  for (const line of findWarnings(source)) progress.warn(line);
  return source;
}
