import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test as plain } from 'vitest';
import type { OutputColumn, Values } from '../../../../bundle/tables/text.ts';
import { openWriter } from '../../../../training/data/output/open.ts';
import { written } from '../tables/tables.ts';
import { test } from '../temporary.ts';

const COLUMNS: OutputColumn[] = [
  { name: 'a "name"', type: 'text' },
  { name: 'score', type: 'float' },
  { name: 'p', type: 'number' },
  { name: 'id', type: 'integer' },
  { name: 'odd', type: 'boolean' },
];
const VALUES: Values[] = [
  ['x, y', null],
  Float32Array.of(0.1, Number.NaN),
  Float64Array.of(0.1, 1e-9),
  [2n ** 60n, null],
  [true, false],
];

describe('a writer', () => {
  test('writes CSV and NDJSON, with missing values empty and null', async ({ folder }) => {
    const outputs = {
      csv: '"a ""name""",score,p,id,odd\n"x, y",0.1,0.1,1152921504606846976,true\n,,1e-9,,false\n',
      ndjson:
        '{"a \\"name\\"":"x, y","score":0.1,"p":0.1,"id":1152921504606846976,"odd":true}\n' +
        '{"a \\"name\\"":null,"score":null,"p":1e-9,"id":null,"odd":false}\n',
    };
    for (const [format, text] of Object.entries(outputs)) {
      const out = join(folder, `rows.${format}`);
      await using writer = await openWriter(out, COLUMNS);
      await writer.write(VALUES, 2);
      expect(await readdir(folder)).not.toContain(`rows.${format}`);
      await writer.finish();
      expect(await readFile(out, 'utf8')).toBe(text);
    }
    expect((await readdir(folder)).sort()).toEqual(['rows.csv', 'rows.ndjson']);
  });

  test('that does not finish leaves nothing behind, and what was there before as it was', async ({
    folder,
  }) => {
    const exitListeners = process.listenerCount('exit');
    for (const format of ['csv', 'ndjson', 'parquet']) {
      const out = await written(folder, `rows.${format}`, 'before');
      const fails = async () => {
        await using writer = await openWriter(out, COLUMNS);
        await writer.write(VALUES, 2);
        throw new Error('on the way');
      };
      await expect(fails()).rejects.toThrow('on the way');
      expect(await readFile(out, 'utf8')).toBe('before');
    }
    expect((await readdir(folder)).sort()).toEqual(['rows.csv', 'rows.ndjson', 'rows.parquet']);
    expect(process.listenerCount('exit')).toBe(exitListeners);
  });

  test('refuses a folder, a folder that does not exist, and other formats', async ({ folder }) => {
    await mkdir(join(folder, 'rows.csv'));
    await expect(openWriter(join(folder, 'rows.csv'), COLUMNS)).rejects.toThrow(
      'rows.csv is a folder: expected',
    );
    await expect(openWriter(join(folder, 'none', 'rows.csv'), COLUMNS)).rejects.toThrow(
      `rows.csv cannot be written: the folder ${join(folder, 'none')} does not exist`,
    );
    await expect(openWriter(join(folder, 'rows.xls'), COLUMNS)).rejects.toThrow(
      'rows.xls: this format is not supported: expected a .csv, .ndjson, .jsonl or .parquet file',
    );
  });

  plain('to standard output fails where it writes, and does not end the program', async () => {
    const module = resolve('training/data/output/open.ts');
    const script = `
      const { openWriter } = await import(${JSON.stringify(module)});
      process.stdout.on('error', () => process.exit(3));
      await using writer = await openWriter('-', [{ name: 'x', type: 'number' }]);
      const values = [new Float64Array(8192)];
      try {
        for (;;) await writer.write(values, 8192);
      } catch (error) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        console.error(error.name);
      }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    child.stdout.once('data', () => child.stdout.destroy());
    let errors = '';
    child.stderr.on('data', (part) => {
      errors += part;
    });
    const [code] = await once(child, 'close');
    expect([code, errors]).toEqual([0, 'ClosedOutputError\n']);
  });
});
