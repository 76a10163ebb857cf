import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BundleError } from '../../bundle/error.ts';
import { listChoices } from '../../bundle/list.ts';
import { findBundles } from '../../bundle/node/find.ts';
import { verifyAnyFolder } from '../../bundle/node/folder.ts';
import type { Configuration } from '../config/schema.ts';
import { plural } from '../console/plural.ts';
import { Progress } from '../console/progress.ts';
import { openSource, type Source } from '../data/source.ts';
import { type ColumnSummary, formatColumns, listColumns } from './columns.ts';
import { openAnswered } from './training-data.ts';

/** What `inspect --json` prints for data. */
export interface DataSummary {
  data: string;
  rows: number;
  shape: readonly number[];
  range: readonly [number, number] | null;
  classes: readonly string[];
  /** The columns of a table; empty for other data. */
  columns: ColumnSummary[];
  warnings: string[];
}

/**
 * Checks every file of a bundle and prints its manifest; or prints how data is read, a table column by column, and on
 * standard error what to know about them.
 */
export async function inspect(
  what: string | undefined,
  model: string,
  configuration: Configuration = {},
  { json = false } = {},
): Promise<void> {
  const path = what ?? model;
  if ((await isFile(join(path, 'manifest.json'))) || (what === undefined && !(await isFile(path)))) {
    const { manifest } = await verifyAnyFolder(path);
    console.log(JSON.stringify(manifest, null, 2));
    return;
  }
  await assertNoBundles(path);
  // Beside bundles, a path to nothing is most likely that of a bundle.
  if (!existsSync(path) && findBundles(dirname(path), { maps: true }).length > 0) await verifyAnyFolder(path);
  const { source, warnings } = await openAnswered(configuration, (answered) => openSource(path, answered));
  try {
    const summary = summariseData(path, source, warnings);
    if (json) console.log(JSON.stringify(summary, null, 2));
    else for (const line of describeData(summary, source)) console.log(line);
    const progress = new Progress();
    for (const line of warnings) progress.warn(line);
  } finally {
    await source.close();
  }
}

/** Throws a {@link BundleError} for a bundle without its manifest, or a folder of bundles: neither is data. */
async function assertNoBundles(path: string): Promise<void> {
  if (await isFile(join(path, 'scorer.onnx'))) {
    throw new BundleError(`${path} is no whole bundle: manifest.json is missing; train the model again`);
  }
  const bundles = findBundles(path, { maps: true });
  if (bundles.length > 0) throw new BundleError(`${path} holds bundles: inspect ${listChoices(bundles)}`);
}

function summariseData(data: string, source: Source, warnings: string[]): DataSummary {
  const { shape, train, validation, calibration, test, range, classes } = source;
  return {
    data,
    rows: train.count + validation.count + calibration.count + test.count,
    shape,
    range,
    classes,
    columns: listColumns(source),
    warnings,
  };
}

function describeData({ data, rows, shape, range, classes }: DataSummary, source: Source): string[] {
  const columns = formatColumns(source);
  if (columns.length > 0) return [`${data}: ${plural(rows, 'row')}`, ...columns];
  const values = range ? `, values from ${range[0]} to ${range[1]}` : '';
  return [
    `${data}: ${plural(rows, 'sample')} of ${shape.join(' × ')}${values}`,
    ...(classes.length > 0 ? [`  classes: ${classes.join(', ')}`] : []),
  ];
}

const isFile = (name: string): Promise<boolean> =>
  stat(name).then(
    (found) => found.isFile(),
    () => false,
  );
