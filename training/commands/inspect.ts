import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyFolder } from '../../bundle/node/folder.ts';
import { openSource } from '../data/source.ts';
import { columnTable } from './columns.ts';
import { remarks } from './remarks.ts';

/** Prints the manifest of a bundle, of which every file is checked, or what data are taken for, of a table by column. */
export async function inspect(what: string | undefined, model: string): Promise<void> {
  const path = what ?? model;
  const isFile = (name: string) =>
    stat(name).then(
      (found) => found.isFile(),
      () => false,
    );
  if ((await isFile(join(path, 'manifest.json'))) || (what === undefined && !(await isFile(path)))) {
    const { manifest } = await verifyFolder(path);
    console.log(JSON.stringify(manifest, null, 2));
    return;
  }
  const source = await openSource(path, {});
  try {
    const { shape, train, validation, calibration, test, range, classes } = source;
    const rows = train.count + validation.count + calibration.count + test.count;
    const columns = columnTable(source);
    if (columns.length > 0) console.log(`${path}: ${rows} rows`);
    else {
      const values = range ? `, values from ${range[0]} to ${range[1]}` : '';
      console.log(`${path}: ${rows} samples of ${shape.join(' × ')}${values}`);
      if (classes.length > 0) console.log(`  classes: ${classes.join(', ')}`);
    }
    for (const line of [...columns, ...remarks(source)]) console.log(line);
  } finally {
    await source.close();
  }
}
